//! Lists the logs and asks the server about them. Either may be missing, not both.

use jiff::SignedDuration;
use serde::Deserialize;
use storex_sources::{LogKind, Vendor};
use storex_tool::{Call, Code, ToolError};

use crate::log_files::{Asked, Known, SettingRow, Settings};
use crate::probes::logs::{LOG_SETTINGS, LOG_STATUS, LOG_ZONE};

/// Row of the zone.
#[derive(Debug, Deserialize)]
struct ZoneRow {
    offset_min: Option<i64>,
}

/// What can be known.
///
/// # Errors
/// When the call was stopped, or neither a log nor the server can be read.
pub(super) async fn known(call: &Call) -> Result<Known, ToolError> {
    let logs = call.logs()?;
    let slow = logs.list(LogKind::Slow).await?;
    let error = logs.list(LogKind::Error).await?;
    let server = match asked(call).await {
        Ok(asked) => asked,
        // Logs can be read while the server cannot.
        Err(error_of_server)
            if (slow.is_some() || error.is_some())
                && matches!(error_of_server.code, Code::Unreachable | Code::Busy) =>
        {
            call.missing(
                "settings of the server",
                error_of_server.message,
                "ask again when the server answers",
            );
            None
        }
        Err(error) => return Err(error),
    };
    let zone = logs.time_zone().to_offset(call.now());
    Ok(Known {
        slow,
        error,
        by_path: logs.source() == "files",
        server,
        zone_min: Some(i64::from(zone.seconds()) / 60),
    })
}

async fn asked(call: &Call) -> Result<Option<Asked>, ToolError> {
    let Some(settings) = call.want::<SettingRow>(&LOG_SETTINGS).await? else {
        return Ok(None);
    };
    let status = call.want::<SettingRow>(&LOG_STATUS).await?;
    let zone = call.want::<ZoneRow>(&LOG_ZONE).await?;
    let server = call.server().await?;
    let read_at = status.as_ref().map(|sample| sample.read_at);
    let status = Settings::of(status.map(|sample| sample.rows).unwrap_or_default());
    let uptime = status.count("uptime").and_then(|s| i64::try_from(s).ok());
    let started_at = read_at
        .zip(uptime)
        .and_then(|(at, uptime_s)| at.checked_sub(SignedDuration::from_secs(uptime_s)).ok());
    Ok(Some(Asked {
        flavour: server.flavour,
        managed: matches!(
            server.vendor,
            Vendor::Aurora | Vendor::Rds | Vendor::Azure | Vendor::CloudSql
        ),
        settings: Settings::of(settings.rows),
        started_at,
        slow_queries: status.count("slow_queries"),
        zone_min: zone.and_then(|sample| sample.rows.first()?.offset_min),
    }))
}
