//! What the tool reads: a sample, twice, and once what does not change in between.

use storex_sources::Flavour;
use storex_tool::{Call, ToolError};

use super::super::gather::{Gathered, gather, rows};
use super::limits;
use crate::monitor;
use crate::open::{Purge, join};
use crate::pressure::rows::{DigestRow, DigestTextRow};
use crate::pressure::samples::{Once, Sample};
use crate::probes::pressure::{
    DIGEST_COUNTERS, DIGEST_RECENT, FILE_SUMMARY, PRESSURE_METRICS, PRESSURE_STATUS,
    PRESSURE_VARIABLES, REDO_WARNINGS, RUNNING_PROCESSES, SETTING_ORIGINS_MARIADB,
    SETTING_ORIGINS_MYSQL, STATEMENTS_BY_USER, STATEMENTS_CURRENT, SYNCH_WAITS, THREAD_FILE_READS,
    USER_STATISTICS,
};
use crate::probes::{ENGINE_INNODB_STATUS, INNODB_TRX, PROCESSLIST};
use crate::sessions::{Sessions, TrxRow};
use crate::variables::{MonitorRow, Variables};

/// Beyond so many sessions MariaDB's statements by user and reads by thread are not asked for.
const MANY_SESSIONS: u64 = 200;
/// The same on MySQL for statements by user; with a thousand sessions each sum takes it 17 ms.
const MANY_INDEXED: u64 = 500;

/// Reads one sample, whatever of it this server offers.
pub(super) async fn sample(call: &Call, first: bool) -> Result<Sample, ToolError> {
    let server = call.server().await?;
    let status = call.want(&PRESSURE_STATUS).await?;
    let read_at = status
        .as_ref()
        .map_or_else(|| call.now(), |sample| sample.read_at);
    let mut sample = Sample {
        read_at,
        status: Variables::of(rows(status)),
        metrics: Variables::of(rows(call.want(&PRESSURE_METRICS).await?)),
        counted: limits::counted(call).await?,
        ..Sample::default()
    };
    // One missing read says that the performance schema is off; the others would only repeat it.
    if server.performance_schema || first {
        let digests = if first {
            &DIGEST_COUNTERS
        } else {
            &DIGEST_RECENT
        };
        sample.digests = rows(call.want(digests).await?);
    }
    if server.performance_schema {
        sample.files = rows(call.want(&FILE_SUMMARY).await?);
        sample.current = rows(call.want(&STATEMENTS_CURRENT).await?);
        sample.synch = rows(call.want(&SYNCH_WAITS).await?);
        // With many sessions these reads would cost much: the server adds up all sessions for each row,
        // and MariaDB's performance schema has no index.
        let sessions = sample.status.count("threads_connected").unwrap_or(0);
        let mysql = server.flavour == Flavour::MySql;
        let many = if mysql { MANY_INDEXED } else { MANY_SESSIONS };
        if sessions <= many {
            sample.users = rows(call.want(&STATEMENTS_BY_USER).await?);
        } else if mysql {
            call.missing(
                "work by user",
                "not added up with so many sessions, which costs the server too much",
                "the statements named tell who was seen running them",
            );
        }
        if mysql || sessions <= many {
            sample.thread_reads = rows(call.want(&THREAD_FILE_READS).await?);
        }
        if sample.current.is_empty() {
            call.missing(
                "statements that run now",
                "the consumer events_statements_current is off",
                "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' \
                 WHERE NAME = 'events_statements_current'",
            );
        }
    }
    if sample.current.is_empty() {
        sample.processes = rows(call.want(&RUNNING_PROCESSES).await?);
    }
    if server.flavour == Flavour::MariaDb && sample.users.is_empty() {
        sample.user_statistics = rows(call.want(&USER_STATISTICS).await?);
        if sample.user_statistics.is_empty() {
            call.missing(
                "work by user",
                "user statistics are off, and the performance schema is off or too costly to ask with so \
                 many sessions",
                "SET GLOBAL userstat = 1 takes effect at once and costs little",
            );
        }
    }
    Ok(sample)
}

fn digest_text(row: &DigestRow) -> Option<DigestTextRow> {
    Some(DigestTextRow {
        db: row.db.clone(),
        digest: row.digest.clone(),
        digest_text: Some(row.digest_text.clone()?),
    })
}

/// Reads what holds for both samples.
pub(super) async fn once(call: &Call, after: &Sample) -> Result<Once, ToolError> {
    let server = call.server().await?;
    let mysql = server.flavour == Flavour::MySql;
    let text: Vec<MonitorRow> = rows(call.want(&ENGINE_INNODB_STATUS).await?);
    let monitor = text
        .first()
        .map(|row| monitor::parse(&row.status))
        .unwrap_or_default();
    let gathered = transactions(call, server.performance_schema).await?;
    let history = monitor
        .transactions
        .as_ref()
        .and_then(|transactions| transactions.history_list_length);
    let purge = Purge::of(Some(&monitor), &gathered.transactions, history);
    let mut once = Once {
        settings: Variables::of(rows(call.want(&PRESSURE_VARIABLES).await?)),
        open: join(
            &gathered.transactions,
            &gathered.sessions,
            Some(&monitor),
            &purge,
        ),
        purge,
        monitor,
        ..Once::default()
    };
    once.seen = limits::seen(call, &once.settings).await?;
    once.texts = after.digests.iter().filter_map(digest_text).collect();
    if mysql && server.performance_schema {
        once.origins = rows(call.want(&SETTING_ORIGINS_MYSQL).await?);
        once.warnings = rows(call.want(&REDO_WARNINGS).await?);
    }
    if !mysql {
        once.origins = rows(call.want(&SETTING_ORIGINS_MARIADB).await?);
    }
    Ok(once)
}

/// Without the performance schema there are no programs and last statements to ask for.
async fn transactions(call: &Call, performance_schema: bool) -> Result<Gathered, ToolError> {
    if performance_schema {
        return gather(call).await;
    }
    let transactions: Vec<TrxRow> = rows(call.want(&INNODB_TRX).await?);
    let sessions = rows(call.want(&PROCESSLIST).await?);
    Ok(Gathered {
        sessions: Sessions::join(sessions, transactions.clone(), Vec::new(), Vec::new()),
        transactions,
    })
}
