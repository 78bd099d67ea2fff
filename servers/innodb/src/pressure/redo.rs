//! The redo log: how close the checkpoint age is to the limits of this version, how long the log
//! holds at the present rate of writing, and how large it should be. Pure.

mod figures;

use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity};

pub use figures::{Figures, figures};

use super::culprit::Measure;
use super::samples::{Pair, bytes_text};

const RUNBOOK: &str = "innodb_pressure";
/// A log that lasts less than this is turned over many times an hour: pages are written again and
/// again that one write would have served.
const SHORT_MINUTES: f64 = 15.0;
/// A log that is turned over within ten seconds has its checkpoint forced all the time, wherever the
/// age happens to be when it is read.
const TURNED_OVER_MINUTES: f64 = 1.0 / 6.0;
/// One that is turned over within a second has gone through all ages between two samples: those read
/// say nothing.
const AGE_TELLS_MINUTES: f64 = 1.0 / 60.0;
/// Share of the point where flushing turns forced (`log_max_modified_age_async`) that counts as near.
const NEAR: f64 = 0.95;
/// The same where other signs say that the log is full: the age swings as flushing is forced.
const NEAR_WITH_SIGNS: f64 = 0.7;

/// A log that forces flushing, and a log buffer that makes writers wait.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    [full(pair, &figures), buffer_waits(pair, &figures)]
        .into_iter()
        .flatten()
        .collect()
}

fn full(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let (age, limit) = (figures.checkpoint_age_bytes?, figures.async_limit_bytes?);
    let share = age as f64 / limit.max(1) as f64;
    let positive = |figure: Option<f64>| figure.is_some_and(|figure| figure > 0.0);
    let forced = positive(figures.sync_flushed_pages_per_s) || positive(figures.space_waits_per_s);
    let lasts_less = |than| figures.lasts_minutes.is_some_and(|minutes| minutes < than);
    let turned_over = lasts_less(TURNED_OVER_MINUTES);
    let warned = pair.window_s.is_some_and(|window| {
        let in_window = |age: i64| age as f64 <= window;
        let mut ages = pair.once.warnings.iter().filter_map(|row| row.latest_age_s);
        ages.any(in_window)
    });
    let near = share >= NEAR || (share >= NEAR_WITH_SIGNS && (forced || turned_over || warned));
    if !near && !lasts_less(AGE_TELLS_MINUTES) {
        return None;
    }
    let stalls = forced || warned || figures.sync_limit_bytes.is_some_and(|sync| age >= sync);
    let severity = if stalls {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let short = figures
        .lasts_minutes
        .is_none_or(|minutes| minutes < SHORT_MINUTES)
        && !figures.is_as_large_as_advised();
    let blame = pair.culprits.top(Measure::RowsAffected);
    let mut statement = if short {
        too_small(pair, figures, share)
    } else {
        flushing_behind(pair, figures, share)
    };
    if stalls {
        statement.push_str(", and writers wait");
    }
    if let Some(blame) = &blame {
        statement.push_str("; most is written by ");
        statement.push_str(&blame.phrase());
    }
    let id = if short {
        "redo_log_too_small"
    } else {
        "checkpoint_age_high"
    };
    let written = figures.written_bytes_per_s;
    let finding = Finding::new(id, severity, Confidence::Certain, statement)
        .against(
            "checkpoint_age",
            age,
            limit,
            "bytes",
            "status and innodb_metrics",
        )
        .evidence(
            "redo_written",
            written,
            "bytes_per_s",
            "difference of two LSNs",
        );
    let finding = with_signs(finding, figures);
    let finding = match &blame {
        Some(blame) => blame.evidence(finding),
        None => finding,
    };
    Some(if short {
        with_advice(finding, pair, figures)
    } else {
        finding
    })
}

fn too_small(pair: &Pair, figures: &Figures, share: f64) -> String {
    format!(
        "the redo log of {} holds {} of writes at {}/s: checkpoint age is {:.0} % of the point where \
         flushing is forced",
        capacity_text(pair, figures),
        lasts_text(figures),
        bytes_text(figures.written_bytes_per_s.unwrap_or(0.0)),
        share * 100.0,
    )
}

fn flushing_behind(pair: &Pair, figures: &Figures, share: f64) -> String {
    let enough = if figures.is_as_large_as_advised() {
        "is as large as it need be and "
    } else {
        ""
    };
    format!(
        "checkpoint age is {:.0} % of the point where flushing is forced, although the redo log of {} \
         {enough}holds {} of writes: flushing does not keep up",
        share * 100.0,
        capacity_text(pair, figures),
        lasts_text(figures),
    )
}

fn with_signs(mut finding: Finding, figures: &Figures) -> Finding {
    if let Some(pages) = figures.sync_flushed_pages_per_s {
        let from = "innodb_metrics buffer_flush_sync_total_pages";
        finding = finding.evidence("sync_flushed_pages", pages, "per_s", from);
    }
    if let Some(waits) = figures.space_waits_per_s {
        let from = "innodb_metrics log_on_file_space_waits";
        finding = finding.evidence("space_waits", waits, "per_s", from);
    }
    if let Some(warnings) = figures.full_warnings {
        let from = "performance_schema.error_log, last 10 minutes";
        finding = finding.evidence("redo_full_warnings", warnings, "", from);
    }
    finding
}

fn with_advice(finding: Finding, pair: &Pair, figures: &Figures) -> Finding {
    let Some(advised) = figures.advised_bytes else {
        return finding;
    };
    let setting = setting_name(pair);
    let dynamic = match pair.server.flavour {
        Flavour::MySql if setting == "innodb_redo_log_capacity" => true,
        Flavour::MySql => false,
        Flavour::MariaDb => (pair.server.version.major, pair.server.version.minor) >= (10, 9),
    };
    finding.remedy(
        format!(
            "raise {setting} to about {} in all: an hour of writes at this rate, or the size of the \
             buffer pool if that is less",
            bytes_text(advised as f64)
        ),
        if dynamic {
            "safe: dynamic, and can be set back"
        } else {
            "needs a restart"
        },
        "disk space; recovery after a crash takes longer",
        RUNBOOK,
    )
}

fn buffer_waits(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let waits = figures
        .log_buffer_waits_per_s
        .filter(|waits| *waits > 0.0)?;
    let size = pair.setting("innodb_log_buffer_size").unwrap_or(0);
    Some(
        Finding::new(
            "log_buffer_waits",
            Severity::Warning,
            Confidence::Certain,
            format!(
                "{waits} times a second a writer waits because the log buffer of {} is full",
                bytes_text(size as f64)
            ),
        )
        .against("log_waits", waits, 0, "per_s", "status Innodb_log_waits")
        .remedy(
            "raise innodb_log_buffer_size",
            "safe: dynamic on MySQL 8.0 and later; needs a restart on MariaDB",
            "memory",
            RUNBOOK,
        ),
    )
}

fn setting_name(pair: &Pair) -> &'static str {
    match pair.setting("innodb_redo_log_capacity") {
        Some(_) => "innodb_redo_log_capacity",
        None => "innodb_log_file_size",
    }
}

fn capacity_text(pair: &Pair, figures: &Figures) -> String {
    let size = figures.capacity_bytes.unwrap_or(0);
    match pair.changed_at_run_time(setting_name(pair)) {
        Some(changed) => format!("{} ({changed})", bytes_text(size as f64)),
        None => bytes_text(size as f64),
    }
}

fn lasts_text(figures: &Figures) -> String {
    const SECOND: f64 = 1.0 / 60.0;
    match figures.lasts_minutes {
        None => "an unknown time".to_owned(),
        Some(..SECOND) => "less than a second".to_owned(),
        Some(minutes @ ..2.0) => format!("{:.0} s", minutes * 60.0),
        Some(minutes @ 2.0..120.0) => format!("{minutes:.0} min"),
        Some(minutes) => format!("{:.0} h", minutes / 60.0),
    }
}
