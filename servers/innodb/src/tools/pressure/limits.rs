//! What the tool reads to tell that a limit is hit.

use storex_sources::Flavour;
use storex_tool::{Call, ToolError};

use super::super::gather::rows;
use crate::pressure::limits::{Counted, Seen};
use crate::probes::limits::{
    CONNECTIONS_HELD, CONNECTIONS_HELD_PROCESSLIST, DISK_FAULTS, FAILED_WRITES, LIMIT_ERRORS,
    LONG_STATEMENTS, LONG_STATEMENTS_PROCESSLIST, SESSION_TEMP_SPACES, TEMPTABLE_MEMORY,
    THREAD_POOL_GROUPS, TP_THREAD_GROUP_STATE,
};
use crate::variables::Variables;

/// Reads what is counted, for one sample.
pub(super) async fn counted(call: &Call) -> Result<Counted, ToolError> {
    let server = call.server().await?;
    let mut counted = Counted::default();
    if server.flavour == Flavour::MySql && server.performance_schema {
        counted.errors = rows(call.want(&LIMIT_ERRORS).await?);
        counted.temp_memory = rows(call.want(&TEMPTABLE_MEMORY).await?);
    }
    Ok(counted)
}

/// Reads what is seen once.
pub(super) async fn seen(call: &Call, settings: &Variables) -> Result<Seen, ToolError> {
    let server = call.server().await?;
    let mysql = server.flavour == Flavour::MySql;
    let mut seen = Seen::default();
    let long = if mysql && server.performance_schema {
        &LONG_STATEMENTS
    } else {
        &LONG_STATEMENTS_PROCESSLIST
    };
    seen.long = rows(call.want(long).await?);
    if server.performance_schema {
        seen.held = rows(call.want(&CONNECTIONS_HELD).await?);
        seen.failed = rows(call.want(&FAILED_WRITES).await?);
    } else {
        seen.held = rows(call.want(&CONNECTIONS_HELD_PROCESSLIST).await?);
    }
    if mysql {
        seen.temp_spaces = rows(call.want(&SESSION_TEMP_SPACES).await?);
    }
    if mysql && server.performance_schema {
        seen.faults = rows(call.want(&DISK_FAULTS).await?);
    }
    seen.pool = match settings.text("thread_handling") {
        Some("pool-of-threads") if !mysql => rows(call.want(&THREAD_POOL_GROUPS).await?),
        Some("loaded-dynamically") if mysql && server.performance_schema => {
            rows(call.want(&TP_THREAD_GROUP_STATE).await?)
        }
        _ => Vec::new(),
    };
    Ok(seen)
}
