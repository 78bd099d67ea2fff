//! Reads `[instance.logs]`: where the server writes its logs.

mod aws;
pub(crate) mod azure;
pub(crate) mod google;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};
pub(crate) use aws::identifier;
#[cfg(test)]
pub(crate) use aws::{AWS, STORES};
pub use aws::{AwsLogs, AwsStore};
#[cfg(test)]
pub(crate) use azure::{AZURE, ENDPOINT};
pub use azure::{AzureLogs, AzurePrincipal};
#[cfg(test)]
pub(crate) use google::{GOOGLE, ROUTES};
pub use google::{GoogleLogs, GoogleRoute};

use crate::{LogFiles, LogTable, LogsEndpoint, LogsPlace, values};

/// What belongs to one server only and has no default.
pub(crate) const UNSHARED: &[&str] = &["slow", "error", "table", "aws", "azure", "google"];
/// Of these the places that are a cloud's store.
const CLOUDS: &[&str] = &["aws", "azure", "google"];
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
    let mut clouds = CLOUDS
        .iter()
        .filter_map(|cloud| Some((*cloud, table.own(cloud)?)));
    let Some((cloud, field)) = clouds.next() else {
        return match table.own("table").map(|field| field.flag(report)) {
            Some(in_table) if in_table? => in_server(report, table, context).map(LogsPlace::Table),
            _ => files(report, table, context).map(LogsPlace::Files),
        };
    };
    let beside = ["slow", "error", "table"];
    let is_only = clouds.next().is_none() && beside.iter().all(|name| table.own(name).is_none());
    if !is_only {
        let what = "an instance's logs are in one place; keep this, or the others";
        field.wrong(report, what);
    }
    let place = match cloud {
        "aws" => aws::aws(report, &field, context).map(LogsPlace::Aws),
        "azure" => azure::azure(report, &field, context).map(LogsPlace::Azure),
        "google" => google::google(report, &field).map(LogsPlace::Google),
        _ => None,
    };
    place.filter(|_| is_only)
}

fn files(report: &mut Report<'_>, table: &Table<'_>, context: &Context<'_>) -> Option<LogFiles> {
    let slow = table.own("slow");
    let error = table.own("error");
    if slow.is_none() && error.is_none() {
        let what = "names no log; add `slow` or `error` with the path of one, `table = true`, or the table of a \
                    cloud's store";
        report.add(&table.at, table.path, what);
        return None;
    }
    Some(LogFiles {
        slow: path(report, slow, context),
        error: path(report, error, context),
    })
}

/// `table = true`: the slow log is in the server, and the error log may be a file all the same.
fn in_server(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
) -> Option<LogTable> {
    if let Some(slow) = table.own("slow") {
        let what = "the slow log is read from one place; keep this or `table = true`";
        slow.wrong(report, what);
        return None;
    }
    Some(LogTable {
        error: path(report, table.own("error"), context),
    })
}

fn path(
    report: &mut Report<'_>,
    field: Option<Field<'_>>,
    context: &Context<'_>,
) -> Option<PathBuf> {
    let path = field?.read(report, values::log_path)?;
    Some(context.base.join(Path::new(&path)))
}
