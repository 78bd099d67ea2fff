//! One rule per kind of finding.

use storex_tool::{Confidence, Finding, Severity};

use super::Case;
use crate::form::Form;
use crate::words::{bytes, count, percent, rounded, three_digits, time};

/// A form that takes less of the time than this is not worth waking somebody.
const MATTERS: f64 = 0.05;
/// One that takes more is worth it.
const LARGE: f64 = 0.2;
/// Rows examined for each row returned: "usually small, say between 1:1 and 10:1" (Schwartz and others,
/// High Performance MySQL, "Rows examined and rows returned"); a hundred is another order.
const EXAMINED_PER_ROW: f64 = 100.0;
/// A table of so many rows is read in no time.
const EXAMINED_PER_RUN: f64 = 1_000.0;
/// Rows that no page and few programs need at once.
const ROWS_PER_RUN: f64 = 10_000.0;
/// So many failed ones are no accident.
const FAILED: u64 = 10;
const FAILING: f64 = 0.2;
/// Most of the time.
const LOCKED: f64 = 0.5;
const LOCKED_S: f64 = 1.0;
/// Temporary tables on disk per run.
const SPILLS: f64 = 0.5;
/// A statement that touches a few rows takes milliseconds, unless it waits: the 95th percentile.
const WAITS_S: f64 = 0.1;
const FEW_ROWS: f64 = 100.0;

const RUNBOOK: &str = "slowlog_top";

pub(super) type Rule = fn(&Case<'_>) -> Option<Finding>;

pub(super) const RULES: &[Rule] = &[
    retry_storm,
    lock_dominated,
    waits,
    examines_much,
    n_plus_one,
    large_results,
    spills,
];

fn severity(share: f64) -> Severity {
    if share >= LARGE {
        Severity::Warning
    } else {
        Severity::Info
    }
}

fn look_closer(finding: Finding, case: &Case<'_>) -> Finding {
    match case.closer {
        Some(tool) => finding.next(tool, case.about.clone()),
        None => finding,
    }
}

fn retry_storm(case: &Case<'_>) -> Option<Finding> {
    let (failed, failing) = (case.failed, case.failing_share());
    if failed < FAILED || failing < FAILING {
        return None;
    }
    let what = format!(
        "{} of the runs of {} fail ({failed} of {}): whoever runs it tries again and again",
        percent(failing),
        case.named,
        case.runs,
    );
    let severity = severity(case.time_share.max(failing - LARGE));
    let mut finding = Finding::new("retry_storm", severity, Confidence::Likely, what)
        .against(
            "failed_share",
            rounded(failing, 3),
            FAILING,
            "",
            case.source,
        )
        .evidence("failed", failed, "runs", case.source)
        .evidence(
            "lock_time_share",
            rounded(case.lock_share, 3),
            "",
            case.source,
        );
    if case.lock_share >= LOCKED {
        finding = finding.next("innodb_lock_waits", case.here());
    }
    Some(
        look_closer(finding, case)
            .remedy(
                "find the error it ends with (application log, slowlog_errors), and have the client wait longer \
                 after each failure and give up after a few",
                "safe",
                "a change in the application",
                RUNBOOK,
            ),
    )
}

fn lock_dominated(case: &Case<'_>) -> Option<Finding> {
    let (locked, took, seconds) = (case.lock_share, case.time_share, case.lock_s);
    if locked < LOCKED || seconds < LOCKED_S || took < MATTERS {
        return None;
    }
    let what = format!(
        "{} waits for locks {} of its time ({} in all): another transaction holds what it needs",
        case.named,
        percent(locked),
        time(seconds),
    );
    let finding = Finding::new("lock_dominated", severity(took), Confidence::Certain, what)
        .against(
            "lock_time_share",
            rounded(locked, 3),
            LOCKED,
            "",
            case.source,
        )
        .evidence("lock_time", three_digits(seconds), "s", case.source)
        .next("innodb_lock_waits", case.here());
    Some(look_closer(finding, case))
}

/// Row locks are no part of what MariaDB logs as `Lock_time`, nor are flushes and I/O anywhere.
fn waits(case: &Case<'_>) -> Option<Finding> {
    let (p95_s, took) = (case.p95_s?, case.time_share);
    let rows = case.examined + case.changed;
    if took < LARGE || p95_s < WAITS_S || rows > FEW_ROWS || case.lock_share >= LOCKED {
        return None;
    }
    let what = format!(
        "{} takes {} (p95) though it examines and changes {} rows a run: it waits, for row locks, the disk or \
         a flush",
        case.named,
        time(p95_s),
        count(rows),
    );
    Some(
        Finding::new(
            "slow_though_small",
            severity(took),
            Confidence::Possible,
            what,
        )
        .against("p95", three_digits(p95_s), WAITS_S, "s", case.source)
        .evidence("rows_per_run", three_digits(rows), "rows", case.source)
        .next("innodb_lock_waits", case.here())
        .next("innodb_pressure", case.here()),
    )
}

fn examines_much(case: &Case<'_>) -> Option<Finding> {
    let (per_row, per_run, took) = (case.examined_per_row, case.examined, case.time_share);
    if per_row < EXAMINED_PER_ROW || per_run < EXAMINED_PER_RUN || took < MATTERS {
        return None;
    }
    let (confidence, why) = if case.gathers {
        (Confidence::Possible, "it may have to, for it adds them up")
    } else if case.full_scans >= 0.5 {
        (Confidence::Certain, "it reads a table whole")
    } else {
        (Confidence::Likely, "an index is missing or not used")
    };
    let what = format!(
        "{} examines {} rows a run, {} for each it returns or changes: {why}",
        case.named,
        count(per_run),
        count(per_row),
    );
    let severity = match confidence {
        Confidence::Possible => Severity::Info,
        _ => severity(took),
    };
    Some(
        Finding::new("examined_far_above_returned", severity, confidence, what)
            .against(
                "examined_per_row",
                three_digits(per_row),
                EXAMINED_PER_ROW,
                "rows",
                case.source,
            )
            .evidence(
                "examined_per_run",
                three_digits(per_run),
                "rows",
                case.source,
            )
            .evidence("time_share", rounded(took, 3), "", case.source)
            .next("slowlog_explain", case.about.clone()),
    )
}

fn n_plus_one(case: &Case<'_>) -> Option<Finding> {
    let (length, took, calls) = (case.runs_in_a_row?, case.time_share, case.runs_share);
    if took < MATTERS && calls < LARGE {
        return None;
    }
    let what = format!(
        "{} runs {} times in a row on a connection ({} runs, {} of all statements): a list is asked for row by \
         row (N+1)",
        case.named,
        count(length),
        count(case.runs as f64),
        percent(calls),
    );
    Some(
        Finding::new(
            "n_plus_one",
            severity(took.max(calls)),
            Confidence::Likely,
            what,
        )
        .against(
            "runs_in_a_row",
            three_digits(length),
            Form::RUN_LENGTH,
            "runs",
            case.source,
        )
        .evidence("time_share", rounded(took, 3), "", case.source)
        .next("slowlog_query", case.about.clone())
        .remedy(
            "have the program ask for all rows at once, with IN (...) or a join (eager loading)",
            "safe",
            "a change in the application",
            RUNBOOK,
        ),
    )
}

fn large_results(case: &Case<'_>) -> Option<Finding> {
    let (rows, took, of_bytes) = (case.sent, case.time_share, case.bytes_share);
    let is_large = rows >= ROWS_PER_RUN
        || case
            .sent_bytes
            .is_some_and(|sent| sent >= Form::LARGE_BYTES);
    if !is_large || (took < MATTERS && of_bytes < LARGE) {
        return None;
    }
    let size = match case.sent_bytes {
        Some(sent) => format!("{} and {} rows", bytes(sent), count(rows)),
        None => format!("{} rows", count(rows)),
    };
    let what = format!(
        "{} returns {size} a run{}: more than its readers can want at once",
        case.named,
        if of_bytes > 0.0 {
            format!(", {} of all bytes sent", percent(of_bytes))
        } else {
            String::new()
        },
    );
    let mut finding = Finding::new(
        "large_results",
        severity(took.max(of_bytes - LARGE)),
        Confidence::Likely,
        what,
    )
    .against(
        "rows_per_run",
        three_digits(rows),
        ROWS_PER_RUN,
        "rows",
        case.source,
    );
    if let Some(sent) = case.sent_bytes {
        finding = finding.against(
            "bytes_per_run",
            three_digits(sent),
            Form::LARGE_BYTES,
            "bytes",
            case.source,
        );
    }
    Some(look_closer(finding, case).remedy(
        "name the columns instead of *, leave large ones (BLOB, TEXT, JSON) to where they are shown, and page",
        "safe",
        "a change in the application",
        RUNBOOK,
    ))
}

fn spills(case: &Case<'_>) -> Option<Finding> {
    let (each, took) = (case.tmp_disk_tables, case.time_share);
    if each < SPILLS || took < MATTERS {
        return None;
    }
    let what = format!(
        "{} writes {} temporary tables to disk each run",
        case.named,
        count(each),
    );
    Some(
        Finding::new(
            "temporary_tables_on_disk",
            severity(took),
            Confidence::Certain,
            what,
        )
        .against(
            "tmp_disk_tables",
            three_digits(each),
            SPILLS,
            "per_run",
            case.source,
        )
        .next("slowlog_explain", case.about.clone())
        .next("innodb_pressure", case.here()),
    )
}
