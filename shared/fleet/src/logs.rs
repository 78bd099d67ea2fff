//! Reads `[instance.logs]`: where the server writes its logs.

use std::path::Path;

use jiff::tz::TimeZone;

use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};
use crate::{LogFiles, LogsEndpoint, LogsPlace, google, values};

/// What belongs to one server only and has no default.
pub(crate) const UNSHARED: &[&str] = &["slow", "error", "google"];
/// What `[defaults.logs]` may say too.
pub(crate) const SHARED: &[&str] = &["time_zone"];

pub(crate) fn logs(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
) -> Option<LogsEndpoint> {
    let known: Vec<&str> = UNSHARED.iter().chain(SHARED).copied().collect();
    table.refuse_unknown(report, &known, None);
    let place = match table.own("google") {
        Some(field) => google(report, table, &field)?,
        None => LogsPlace::Files(files(report, table, context)?),
    };
    let time_zone = table.read(report, "time_zone", values::time_zone);
    Some(LogsEndpoint {
        place,
        time_zone: time_zone.unwrap_or(TimeZone::UTC),
    })
}

fn google(report: &mut Report<'_>, table: &Table<'_>, field: &Field<'_>) -> Option<LogsPlace> {
    if table.own("slow").is_some() || table.own("error").is_some() {
        let what =
            "an instance has its logs in one place; leave out this table, or `slow` and `error`";
        field.wrong(report, what);
    }
    let own = Table::new(
        "instance.logs.google",
        field.at.clone(),
        field.table(report)?,
    );
    google::logs(report, &own).map(LogsPlace::Google)
}

fn files(report: &mut Report<'_>, table: &Table<'_>, context: &Context<'_>) -> Option<LogFiles> {
    let slow = table.own("slow");
    let error = table.own("error");
    if slow.is_none() && error.is_none() {
        let what = "names no log; add `slow` or `error` with the path of one, or `google`";
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
