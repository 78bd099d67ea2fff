//! Whether the files that were found are those the server writes.

use jiff::{SignedDuration, Timestamp};
use storex_sources::{Flavour, LogKind, LogListing};
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::{RUNBOOK, VARIABLES};
use crate::log_files::{Asked, Known, last_written};

/// Clocks of two hosts may differ by so much.
const CLOCKS: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn findings(known: &Known, asked: &Asked) -> Vec<Finding> {
    let mut all = Vec::new();
    for (kind, listing, setting) in [
        (LogKind::Slow, known.slow.as_ref(), "slow_query_log_file"),
        (LogKind::Error, known.error.as_ref(), "log_error"),
    ] {
        let Some(listing) = listing.filter(|listing| !listing.files.is_empty()) else {
            continue;
        };
        let other = known
            .by_path
            .then(|| other_file(kind, listing, asked, setting));
        match other.flatten() {
            Some(other) => all.push(other),
            None => all.extend(not_growing(kind, listing, asked)),
        }
    }
    all.extend(zone(known, asked));
    all
}

/// The name the server writes to is none of the files', and no part of one's.
fn other_file(
    kind: LogKind,
    listing: &LogListing,
    asked: &Asked,
    setting: &'static str,
) -> Option<Finding> {
    let path = asked.settings.text(setting)?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    if name == "stderr" {
        return None;
    }
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let fits = |file: &str| {
        file.rsplit('/')
            .next()
            .is_some_and(|file| file.contains(stem))
    };
    if listing.files.iter().any(|file| fits(file.name.as_str())) {
        return None;
    }
    let found = listing.files.last()?.name.to_string();
    let statement = format!(
        "the inventory's {kind} log ({found}) is not the file the server writes ({})",
        Untrusted::name(name)
    );
    Some(
        Finding::new(
            "other_file",
            Severity::Warning,
            Confidence::Likely,
            statement,
        )
        .evidence(setting, Untrusted::text(path, 200).as_str(), "", VARIABLES)
        .remedy(
            format!("name the server's file as `{kind}` under [instance.logs] of the inventory"),
            "safe",
            "nothing",
            RUNBOOK,
        ),
    )
}

/// Nothing was written since the server started, though something should have been: every start is
/// told in the error log, and slow statements were counted.
fn not_growing(kind: LogKind, listing: &LogListing, asked: &Asked) -> Option<Finding> {
    let started = asked.started_at?;
    let last = last_written(listing)?;
    let settings = &asked.settings;
    let (id, confidence, why) = match kind {
        LogKind::Error => (
            "error_log_stopped",
            Confidence::Likely,
            "though each start writes to it".to_owned(),
        ),
        LogKind::Slow => {
            let slow = asked.slow_queries.filter(|count| *count > 0)?;
            let written = settings.is_on("slow_query_log")? && settings.writes_to("FILE")?;
            let all = settings.count("min_examined_row_limit").unwrap_or(0) == 0;
            if !(written && all) {
                return None;
            }
            (
                "slow_log_stopped",
                Confidence::Possible,
                format!("though {slow} statements were slow since then"),
            )
        }
    };
    if is_after(last, started) {
        return None;
    }
    let statement = format!(
        "nothing was written to the {kind} log since the server started at {started:.0}, {why}"
    );
    let step = match kind {
        LogKind::Slow => "FLUSH SLOW LOGS",
        LogKind::Error => "FLUSH ERROR LOGS",
    };
    Some(
        Finding::new(id, Severity::Warning, confidence, statement)
            .evidence("last_written", format!("{last:.0}"), "", "log files")
            .remedy(
                format!(
                    "check the path, and whether a rotation moved the file away without {step}"
                ),
                "safe: opens the file anew",
                "nothing",
                RUNBOOK,
            ),
    )
}

fn is_after(last: Timestamp, started: Timestamp) -> bool {
    started.duration_since(last) <= CLOCKS
}

/// MariaDB writes local time without saying so.
fn zone(known: &Known, asked: &Asked) -> Option<Finding> {
    known
        .error
        .as_ref()
        .filter(|listing| !listing.files.is_empty())?;
    let (server, inventory) = (asked.zone_min?, known.zone_min?);
    if asked.flavour != Flavour::MariaDb || server == inventory {
        return None;
    }
    let statement = format!(
        "times of the error log are read as {}, the server writes {}",
        offset(inventory),
        offset(server)
    );
    Some(
        Finding::new("zone_differs", Severity::Warning, Confidence::Certain, statement)
            .against("offset", server, inventory, "min", "server clock")
            .remedy(
                format!(
                    "set time_zone = \"{}\", or the zone's name, under [instance.logs] of the inventory",
                    offset(server)
                ),
                "safe",
                "nothing",
                RUNBOOK,
            ),
    )
}

/// `+02:00`.
fn offset(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
