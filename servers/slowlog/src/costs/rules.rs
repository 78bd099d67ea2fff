//! One rule per kind of finding.

use storex_tool::{Confidence, Finding, Severity};

use super::time_share;
use crate::form::{Form, share};
use crate::scene::Scene;
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
const LOG: &str = "slow log";

pub(super) type Rule = fn(&Scene<'_>, Form<'_>) -> Option<Finding>;

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

fn retry_storm(scene: &Scene<'_>, form: Form<'_>) -> Option<Finding> {
    let figures = form.figures();
    let failed = figures.failed.max(figures.killed);
    let failing = form.failing_share();
    if failed < FAILED || failing < FAILING {
        return None;
    }
    let what = format!(
        "{} of the runs of {} fail ({failed} of {}): whoever runs it tries again and again",
        percent(failing),
        scene.named(form),
        figures.count,
    );
    let severity = severity(time_share(scene, form).max(failing - LARGE));
    let mut finding = Finding::new("retry_storm", severity, Confidence::Likely, what)
        .against("failed_share", rounded(failing, 3), FAILING, "", LOG)
        .evidence("failed", failed, "runs", LOG)
        .evidence("lock_time_share", rounded(form.lock_share(), 3), "", LOG);
    if form.lock_share() >= LOCKED {
        finding = finding.next(
            "innodb_lock_waits",
            serde_json::json!({ "instance": scene.instance }),
        );
    }
    Some(
        finding
            .next("slowlog_query", scene.about(form))
            .remedy(
                "find the error it ends with (application log, slowlog_errors), and have the client wait longer \
                 after each failure and give up after a few",
                "safe",
                "a change in the application",
                RUNBOOK,
            ),
    )
}

fn lock_dominated(scene: &Scene<'_>, form: Form<'_>) -> Option<Finding> {
    let (locked, took) = (form.lock_share(), time_share(scene, form));
    let seconds = form.figures().lock_us.sum as f64 / 1e6;
    if locked < LOCKED || seconds < LOCKED_S || took < MATTERS {
        return None;
    }
    let what = format!(
        "{} waits for locks {} of its time ({} in all): another transaction holds what it needs",
        scene.named(form),
        percent(locked),
        time(seconds),
    );
    Some(
        Finding::new("lock_dominated", severity(took), Confidence::Certain, what)
            .against("lock_time_share", rounded(locked, 3), LOCKED, "", LOG)
            .evidence("lock_time", three_digits(seconds), "s", LOG)
            .next(
                "innodb_lock_waits",
                serde_json::json!({ "instance": scene.instance }),
            )
            .next("slowlog_query", scene.about(form)),
    )
}

/// Row locks are no part of what MariaDB logs as `Lock_time`, nor are flushes and I/O anywhere.
fn waits(scene: &Scene<'_>, form: Form<'_>) -> Option<Finding> {
    let (figures, took) = (form.figures(), time_share(scene, form));
    let p95_s = form.group.times.quantile(0.95).unwrap_or(0) as f64 / 1e6;
    let rows = form.each(figures.rows_examined.sum) + form.each(figures.rows_affected.sum);
    if took < LARGE || p95_s < WAITS_S || rows > FEW_ROWS || form.lock_share() >= LOCKED {
        return None;
    }
    let what = format!(
        "{} takes {} (p95) though it examines and changes {} rows a run: it waits, for row locks, the disk or \
         a flush",
        scene.named(form),
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
        .against("p95", three_digits(p95_s), WAITS_S, "s", LOG)
        .evidence("rows_per_run", three_digits(rows), "rows", LOG)
        .next(
            "innodb_lock_waits",
            serde_json::json!({ "instance": scene.instance }),
        )
        .next(
            "innodb_pressure",
            serde_json::json!({ "instance": scene.instance }),
        ),
    )
}

fn examines_much(scene: &Scene<'_>, form: Form<'_>) -> Option<Finding> {
    let figures = form.figures();
    let (per_row, took) = (form.examined_per_row(), time_share(scene, form));
    let per_run = form.each(figures.rows_examined.sum);
    if per_row < EXAMINED_PER_ROW || per_run < EXAMINED_PER_RUN || took < MATTERS {
        return None;
    }
    let scans = form.each(figures.full_scans);
    let (confidence, why) = if form.gathers() {
        (Confidence::Possible, "it may have to, for it adds them up")
    } else if scans >= 0.5 {
        (Confidence::Certain, "it reads a table whole")
    } else {
        (Confidence::Likely, "an index is missing or not used")
    };
    let what = format!(
        "{} examines {} rows a run, {} for each it returns or changes: {why}",
        scene.named(form),
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
                LOG,
            )
            .evidence("examined_per_run", three_digits(per_run), "rows", LOG)
            .evidence("time_share", rounded(took, 3), "", LOG)
            .next("slowlog_explain", scene.about(form)),
    )
}

fn n_plus_one(scene: &Scene<'_>, form: Form<'_>) -> Option<Finding> {
    let figures = form.figures();
    let (length, took) = (form.run_length(), time_share(scene, form));
    let calls = share(figures.count, scene.totals().count);
    if !form.is_row_by_row() || (took < MATTERS && calls < LARGE) {
        return None;
    }
    let what = format!(
        "{} runs {} times in a row on a connection ({} runs, {} of all statements): a list is asked for row by \
         row (N+1)",
        scene.named(form),
        count(length),
        count(figures.count as f64),
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
            LOG,
        )
        .evidence("time_share", rounded(took, 3), "", LOG)
        .next("slowlog_query", scene.about(form))
        .remedy(
            "have the program ask for all rows at once, with IN (...) or a join (eager loading)",
            "safe",
            "a change in the application",
            RUNBOOK,
        ),
    )
}

fn large_results(scene: &Scene<'_>, form: Form<'_>) -> Option<Finding> {
    let figures = form.figures();
    let sent = form.each(figures.bytes_sent.sum);
    let rows = form.each(figures.rows_sent.sum);
    let took = time_share(scene, form);
    let of_bytes = share(figures.bytes_sent.sum, scene.totals().bytes_sent.sum);
    let is_large = sent >= Form::LARGE_BYTES || rows >= ROWS_PER_RUN;
    if !is_large || (took < MATTERS && of_bytes < LARGE) {
        return None;
    }
    let size = if figures.bytes_sent.sum > 0 {
        format!("{} and {} rows", bytes(sent), count(rows))
    } else {
        format!("{} rows", count(rows))
    };
    let what = format!(
        "{} returns {size} a run{}: more than its readers can want at once",
        scene.named(form),
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
        LOG,
    );
    if figures.bytes_sent.sum > 0 {
        finding = finding.against(
            "bytes_per_run",
            three_digits(sent),
            Form::LARGE_BYTES,
            "bytes",
            LOG,
        );
    }
    Some(finding.next("slowlog_query", scene.about(form)).remedy(
        "name the columns instead of *, leave large ones (BLOB, TEXT, JSON) to where they are shown, and page",
        "safe",
        "a change in the application",
        RUNBOOK,
    ))
}

fn spills(scene: &Scene<'_>, form: Form<'_>) -> Option<Finding> {
    let figures = form.figures();
    let (each, took) = (form.each(figures.tmp_disk_tables), time_share(scene, form));
    if each < SPILLS || took < MATTERS {
        return None;
    }
    let what = format!(
        "{} writes {} temporary tables to disk each run",
        scene.named(form),
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
            LOG,
        )
        .next("slowlog_explain", scene.about(form))
        .next(
            "innodb_pressure",
            serde_json::json!({ "instance": scene.instance }),
        ),
    )
}
