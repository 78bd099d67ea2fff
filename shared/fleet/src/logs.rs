//! Reads `[instance.logs]`: where the server writes its logs.

mod azure;

use std::path::Path;

use jiff::tz::TimeZone;

use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};
#[cfg(test)]
pub(crate) use azure::{AZURE, ENDPOINT};
pub use azure::{AzureLogs, AzurePrincipal};

use crate::{LogFiles, LogsEndpoint, LogsPlace, values};

/// What belongs to one server only and has no default.
pub(crate) const UNSHARED: &[&str] = &["slow", "error", "azure"];
/// What `[defaults.logs]` may say too.
pub(crate) const SHARED: &[&str] = &["time_zone"];

pub(crate) fn logs(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
) -> Option<LogsEndpoint> {
    let known: Vec<&str> = UNSHARED.iter().chain(SHARED).copied().collect();
    table.refuse_unknown(report, &known, None);
    let place = place(report, table, context);
    let time_zone = table.read(report, "time_zone", values::time_zone);
    Some(LogsEndpoint {
        place: place?,
        time_zone: time_zone.unwrap_or(TimeZone::UTC),
    })
}

/// All logs of an instance are in one place.
fn place(report: &mut Report<'_>, table: &Table<'_>, context: &Context<'_>) -> Option<LogsPlace> {
    let Some(azure) = table.own("azure") else {
        return files(report, table, context).map(LogsPlace::Files);
    };
    if table.own("slow").is_some() || table.own("error").is_some() {
        let what = "an instance's logs are in one place; keep this, or `slow` and `error`";
        azure.wrong(report, what);
        return None;
    }
    azure::azure(report, &azure, context).map(LogsPlace::Azure)
}

fn files(report: &mut Report<'_>, table: &Table<'_>, context: &Context<'_>) -> Option<LogFiles> {
    let slow = table.own("slow");
    let error = table.own("error");
    if slow.is_none() && error.is_none() {
        let what = "names no log; add `slow` or `error` with the path of one";
        report.add(&table.at, table.path, what);
        return None;
    }
    let mut place = |field: Option<Field<'_>>| {
        let path = field?.read(report, values::log_path)?;
        Some(context.base.join(Path::new(&path)))
    };
    Some(LogFiles {
        slow: place(slow),
        error: place(error),
    })
}
