//! What a comparison finds: the forms that account for what was added, each by how it changed.

use std::fmt::Write as _;

use serde_json::json;
use storex_digest::Group;
use storex_tool::{Confidence, Finding, Severity};

use super::{Change, Changes, Kind};
use crate::form::{Form, Verb};
use crate::scene::Scene;
use crate::words::{bytes, count, percent, rounded, three_digits, time};

/// Less than this of what was added is not worth telling.
const SHARE: f64 = 0.1;
/// The same of what all statements took before.
const OF_BEFORE: f64 = 0.1;
/// All statements together take so many times as much: what got slower for the same work is told then.
const FACTOR: f64 = 1.5;
/// Of fewer runs the average tells nothing.
const RUNS: u64 = 20;
/// Seconds of statements a second: less than that nobody notices.
const LOAD: f64 = 0.002;
/// So much more is a matter of now.
const SEVERE: f64 = 2.0;
/// Most of what was added goes to statements that do the same work as before.
const EVERYWHERE: f64 = 0.6;
const MOST_FINDINGS: usize = 5;

const RUNBOOK: &str = "slowlog_compare";
const LOG: &str = "slow log, two windows";

/// The findings, causes first; none where statements ask for about as much as before and get it.
pub(crate) fn findings(changes: &Changes<'_>, scene: &Scene<'_>) -> Vec<Finding> {
    let factor = changes.factor();
    let severity = if factor >= SEVERE {
        Severity::Warning
    } else {
        Severity::Info
    };
    let forms = changes.forms.iter();
    let notable = forms.filter(|change| is_notable(changes, change));
    everywhere(changes, scene, severity)
        .into_iter()
        .chain(notable.filter_map(|change| finding(changes, change, scene, severity)))
        .take(MOST_FINDINGS)
        .collect()
}

/// Whether a form added enough to be told; one that got slower for the same work only when statements
/// take longer on the whole, for a few slow runs are chance.
fn is_notable(changes: &Changes<'_>, change: &Change<'_>) -> bool {
    let least = LOAD.max(OF_BEFORE * changes.before.load());
    if change.share < SHARE || change.added_load < least {
        return false;
    }
    let runs = |group: Option<&Group>| group.map_or(0, |group| group.figures.count);
    change.kind.is_its_own()
        || (changes.factor() >= FACTOR && runs(change.before).min(runs(change.now)) >= RUNS)
}

fn finding(
    changes: &Changes<'_>,
    change: &Change<'_>,
    scene: &Scene<'_>,
    severity: Severity,
) -> Option<Finding> {
    let now = change.now?;
    let form = Form::of(now);
    let (id, how) = match change.kind {
        Kind::New => ("new_statement", is_new(changes, now)),
        Kind::ReadsMore => ("plan_changed", reads_more(change)?),
        Kind::ReturnsMore => ("returns_more", returns_more(change)?),
        Kind::Fails => ("retry_storm", fails(changes, change)?),
        Kind::MoreOften => ("more_frequent", more_often(changes, change)?),
        Kind::WaitsForLocks => ("waits_for_locks", longer(change, "waits for locks")?),
        Kind::Slower => (
            "slower_for_same_work",
            longer(change, "takes longer for the same work")?,
        ),
        Kind::Less | Kind::Same => return None,
    };
    let confidence = match change.kind {
        Kind::Slower => Confidence::Possible,
        _ => Confidence::Likely,
    };
    let what = format!(
        "{} {how}; that is {} of the time added",
        scene.named(form),
        percent(change.share.min(1.0)),
    );
    let finding = Finding::new(id, severity, confidence, what)
        .evidence("share_of_added_time", rounded(change.share, 3), "", LOG)
        .against(
            "statement_time",
            three_digits(load(changes.now.seconds, Some(now))),
            three_digits(load(changes.before.seconds, change.before)),
            "s_per_s",
            LOG,
        );
    Some(advised(finding, change.kind, scene, form))
}

fn advised(finding: Finding, kind: Kind, scene: &Scene<'_>, form: Form<'_>) -> Finding {
    let instance = || json!({ "instance": scene.instance });
    match kind {
        Kind::ReadsMore => finding
            .next("slowlog_explain", scene.about(form))
            .next("innodb_schema", instance()),
        Kind::WaitsForLocks => finding.next("innodb_lock_waits", instance()),
        // MariaDB's Lock_time leaves row locks out.
        Kind::Slower if form.verb() == Verb::Writes => finding
            .next("innodb_lock_waits", instance())
            .next("innodb_pressure", instance()),
        Kind::Slower => finding.next("innodb_pressure", instance()),
        Kind::Fails => finding
            .next("slowlog_query", scene.about(form))
            .next("innodb_lock_waits", instance()),
        _ => finding.next("slowlog_query", scene.about(form)),
    }
}

fn load(seconds: f64, group: Option<&Group>) -> f64 {
    group.map_or(0.0, |group| {
        group.figures.query_us.sum as f64 / 1e6 / seconds
    })
}

fn rate(seconds: f64, group: &Group) -> String {
    format!("{} runs/s", count(group.figures.count as f64 / seconds))
}

fn is_new(changes: &Changes<'_>, now: &Group) -> String {
    let form = Form::of(now);
    format!(
        "is new: {} of {} each{}",
        rate(changes.now.seconds, now),
        time(form.mean_s()),
        marks(form),
    )
}

/// What stands out about a form that was not there before, or not so often.
fn marks(form: Form<'_>) -> String {
    let figures = form.figures();
    let sent = form.each(figures.bytes_sent.sum);
    let mut marks = String::new();
    if form.is_row_by_row() {
        let times = count(form.run_length());
        let _ = write!(marks, ", {times} times in a row on a connection (N+1)");
    }
    if sent >= Form::LARGE_BYTES {
        let _ = write!(marks, ", returning {} a run", bytes(sent));
    }
    if form.failing_share() >= super::FAILING {
        let _ = write!(marks, ", {} of them fail", percent(form.failing_share()));
    }
    marks
}

fn reads_more(change: &Change<'_>) -> Option<String> {
    let (old, new) = (Form::of(change.before?), Form::of(change.now?));
    let examined = |form: Form<'_>| count(form.each(form.figures().rows_examined.sum));
    Some(format!(
        "examines {} rows a run, before {} ({} a run, before {}): its plan changed",
        examined(new),
        examined(old),
        time(new.mean_s()),
        time(old.mean_s()),
    ))
}

fn returns_more(change: &Change<'_>) -> Option<String> {
    let (old, new) = (Form::of(change.before?), Form::of(change.now?));
    let sent = |form: Form<'_>| {
        let figures = form.figures();
        let rows = count(form.each(figures.rows_sent.sum));
        match figures.bytes_sent.sum {
            0 => format!("{rows} rows"),
            sum => format!("{} and {rows} rows", bytes(form.each(sum))),
        }
    };
    Some(format!("returns {} a run, before {}", sent(new), sent(old)))
}

fn fails(changes: &Changes<'_>, change: &Change<'_>) -> Option<String> {
    let (old, new) = (Form::of(change.before?), Form::of(change.now?));
    Some(format!(
        "fails in {} of its runs, before in {} ({}, before {}): it is tried again and again",
        percent(new.failing_share()),
        percent(old.failing_share()),
        rate(changes.now.seconds, new.group),
        rate(changes.before.seconds, old.group),
    ))
}

fn more_often(changes: &Changes<'_>, change: &Change<'_>) -> Option<String> {
    let (was, is) = (change.before?, change.now?);
    Some(format!(
        "is run more often: {}, before {}{}",
        rate(changes.now.seconds, is),
        rate(changes.before.seconds, was),
        marks(Form::of(is)),
    ))
}

fn longer(change: &Change<'_>, how: &str) -> Option<String> {
    let (old, new) = (Form::of(change.before?), Form::of(change.now?));
    Some(format!(
        "{how}: {} a run, before {}",
        time(new.mean_s()),
        time(old.mean_s()),
    ))
}

/// Most forms got slower for the same work: the cause is beside the statements.
fn everywhere(changes: &Changes<'_>, scene: &Scene<'_>, severity: Severity) -> Option<Finding> {
    let slower = changes.share_of(Kind::Slower);
    let same = changes.forms.iter();
    let many = same.filter(|change| change.kind == Kind::Slower).count();
    if slower < EVERYWHERE || many < 3 || changes.factor() < FACTOR || changes.added_load < LOAD {
        return None;
    }
    let what = format!(
        "{many} forms take longer for the same work ({} of the time added): the cause is beside the \
         statements, in the server, its disk or its host",
        percent(slower),
    );
    Some(
        Finding::new("slower_everywhere", severity, Confidence::Likely, what)
            .evidence("share_of_added_time", rounded(slower, 3), "", LOG)
            .next("innodb_pressure", json!({ "instance": scene.instance }))
            .remedy(
                "look at the server before the statements: disk, buffer pool, CPU, neighbours",
                "safe",
                "nothing",
                RUNBOOK,
            ),
    )
}
