//! Reads `[instance.logs]`: where the server writes its logs.

mod aws;

use std::path::Path;

use jiff::tz::TimeZone;

use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};
#[cfg(test)]
pub(crate) use aws::{AWS, STORES};
pub use aws::{AwsLogs, AwsStore};

use crate::{LogFiles, LogsEndpoint, LogsPlace, values};

/// What belongs to one server only and has no default.
pub(crate) const UNSHARED: &[&str] = &["slow", "error", "aws"];
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
    let Some(aws) = table.own("aws") else {
        return files(report, table, context).map(LogsPlace::Files);
    };
    if table.own("slow").is_some() || table.own("error").is_some() {
        let what = "an instance's logs are in one place; keep this, or `slow` and `error`";
        aws.wrong(report, what);
        return None;
    }
    aws::aws(report, &aws, context).map(LogsPlace::Aws)
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
