//! What the tool reads, joined into what rules look at.

use std::time::Duration;

use serde::Deserialize;
use storex_sources::Flavour;
use storex_tool::{Call, ToolError};

use crate::config::changes::{ChangeRow, GlobalChanges};
use crate::config::plan_switch::{self, DigestRow, Samples};
use crate::config::settings::{Origin, SettingRow, Settings, SourceRow, SystemVariableRow};
use crate::probes::config::{
    CONFIG_STATUS, PERSISTED_SETTINGS, PLAN_DIGESTS, REPLICATION_ORIGINS, SETTING_CHANGES,
    SETTING_SOURCES, SETTINGS, STATEMENT_CONSUMERS, SYSTEM_VARIABLES,
};
use crate::tools::gather::rows;
use crate::variables::{VariableRow, Variables};

/// Long enough for statements of a few runs a second to show, short enough for someone who waits.
const WINDOW: Duration = Duration::from_millis(2_500);

/// The settings with their origins.
pub(super) async fn settings(call: &Call) -> Result<Settings, ToolError> {
    let server = call.server().await?;
    let values: Vec<SettingRow> = call.need(&SETTINGS).await?.rows;
    Ok(match server.flavour {
        Flavour::MySql => {
            let sources = call.want::<SourceRow>(&SETTING_SOURCES).await?;
            let persisted: Vec<SettingRow> = rows(call.want(&PERSISTED_SETTINGS).await?);
            Settings::of_mysql(
                &server,
                values,
                sources.map(|sample| sample.rows),
                persisted,
            )
        }
        Flavour::MariaDb => {
            let told: Vec<SystemVariableRow> = rows(call.want(&SYSTEM_VARIABLES).await?);
            Settings::of_mariadb(&server, values, told)
        }
    })
}

/// Counters since the server started.
pub(super) async fn status(call: &Call) -> Result<Variables, ToolError> {
    let status: Vec<VariableRow> = rows(call.want(&CONFIG_STATUS).await?);
    Ok(Variables::of(status))
}

/// How many sources the server is set to replicate from; `None` where that cannot be told.
pub(super) async fn channels(
    call: &Call,
    settings: &Settings,
    status: &Variables,
) -> Result<Option<usize>, ToolError> {
    #[derive(Deserialize)]
    struct Channel {
        #[serde(rename = "channel")]
        _name: String,
    }
    let server = call.server().await?;
    match server.flavour {
        Flavour::MySql => {
            // A server without it was told so when its settings' origins were asked for.
            if !server.performance_schema {
                return Ok(None);
            }
            let channels = call.want::<Channel>(&REPLICATION_ORIGINS).await?;
            Ok(channels.map(|sample| sample.rows.len()))
        }
        Flavour::MariaDb => {
            // Every replica keeps its position there, whether it runs or not.
            let never = settings.text("gtid_slave_pos") == Some("");
            let running = status.count("slaves_running").unwrap_or(0);
            Ok(match running {
                0 if never => Some(0),
                0 => None,
                running => usize::try_from(running).ok(),
            })
        }
    }
}

/// Consumers of the performance schema that are on by default and are off here. Without it, which is
/// MariaDB's default, only who asks for everything is told that statements and changes cannot be seen.
pub(super) async fn consumers_off(call: &Call, full: bool) -> Result<Vec<String>, ToolError> {
    #[derive(Deserialize)]
    struct Consumer {
        name: String,
        enabled: bool,
    }
    const ON_EVERYWHERE: [&str; 3] = [
        "global_instrumentation",
        "thread_instrumentation",
        "statements_digest",
    ];
    const ON_MYSQL: [&str; 4] = [
        "events_statements_current",
        "events_statements_history",
        "events_transactions_current",
        "events_transactions_history",
    ];
    let server = call.server().await?;
    if !server.performance_schema && !full {
        return Ok(Vec::new());
    }
    let consumers: Vec<Consumer> = rows(call.want(&STATEMENT_CONSUMERS).await?);
    let by_default = |name: &str| {
        let mysql = server.flavour == Flavour::MySql;
        ON_EVERYWHERE.contains(&name) || (mysql && ON_MYSQL.contains(&name))
    };
    Ok(consumers
        .into_iter()
        .filter(|consumer| !consumer.enabled && by_default(&consumer.name))
        .map(|consumer| consumer.name)
        .collect())
}

/// When settings were set for the whole server; read only where some value was set while it ran.
pub(super) async fn changes(call: &Call, settings: &Settings) -> Result<GlobalChanges, ToolError> {
    let changed = settings
        .all()
        .any(|current| current.origin == Origin::Runtime && current.is_changed());
    if !changed {
        return Ok(GlobalChanges::default());
    }
    let statements: Vec<ChangeRow> = rows(call.want(&SETTING_CHANGES).await?);
    Ok(GlobalChanges::of(&statements))
}

/// Two samples of the statements at work; read only where a setting that chooses plans is not as by
/// default.
pub(super) async fn plan_samples(call: &Call, settings: &Settings) -> Result<Samples, ToolError> {
    if plan_switch::changed_settings(settings).is_empty() {
        return Ok(Samples::default());
    }
    let Some(before) = call.want::<DigestRow>(&PLAN_DIGESTS).await? else {
        return Ok(Samples::default());
    };
    let after = if call.pass(WINDOW).await? {
        call.want::<DigestRow>(&PLAN_DIGESTS).await?
    } else {
        None
    };
    Ok(Samples {
        before: Some(before.rows),
        after: after.map(|sample| sample.rows),
    })
}
