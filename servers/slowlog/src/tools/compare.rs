//! `slowlog_compare`: two windows of the slow log held against each other, and what accounts for the
//! difference.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storex_digest::{Group, Options};
use storex_tool::{
    Answer, BaselineArgs, Call, Detail, Effect, LogBounds, Spec, Target, Tool, ToolError,
    Untrusted, WindowArgs,
};

use super::shown::{Covered, is_zero, quantile_ms};
use crate::change::findings::findings;
use crate::change::{Change, Changes, Kind, Side};
use crate::form::Form;
use crate::reading::{Reading, read};
use crate::scene::{Scene, clients, statement};
use crate::words::{count, percent, rounded, three_digits};

/// Read at most of each window.
const BOUNDS: LogBounds = LogBounds {
    bytes: 1 << 30,
    time: Duration::from_secs(12),
};
const MINUTES: i64 = 30;
const CONCISE_CHARS: usize = 160;
const FULL_CHARS: usize = 1_000;

/// The tool.
pub(super) struct Compare;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(flatten)]
    window: WindowArgs,
    #[serde(flatten)]
    baseline: BaselineArgs,
    #[serde(default)]
    detail: Detail,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<usize>,
}

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    window: Option<Covered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    baseline: Option<Covered>,
    /// Causes before their victims; pairs are before and now
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    changes: Vec<Row>,
    /// Forms of the baseline that did not run in the window
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<usize>,
}

/// A form in both windows; each pair is before and now.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    /// See [`Kind`]: `new`, `reads_more`, `returns_more`, `fails`, `more_often`, `waits_for_locks`, `slower`, `less`, `same`
    kind: &'static str,
    /// Of the time that was added.
    #[serde(skip_serializing_if = "is_zero")]
    share_pct: f64,
    per_s: [f64; 2],
    time_s_per_s: [f64; 2],
    mean_ms: [f64; 2],
    p95_ms: [f64; 2],
    examined_per_run: [f64; 2],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clients: Vec<Untrusted>,
    statement: Untrusted,
}

impl Tool for Compare {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "slowlog_compare",
        title: "What got slower",
        description: "Compares a window of the slow log (default: the last 30 minutes) with one before: \
                      statements that are new, gone, run more often, read more rows (plan changed), return \
                      more, fail or wait, and how much of the added time each explains.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 100,
        freshness: Duration::from_secs(10),
        probes: &[],
        log_bytes: 2 * BOUNDS.bytes,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/slowlog_compare.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let now = call.now();
        let window = input.window.window(now, MINUTES)?;
        let baseline = input.baseline.window(now, window)?;
        let before = read(call, baseline, Options::default(), BOUNDS).await?;
        let after = match &before {
            Some(_) => read(call, window, Options::default(), BOUNDS).await?,
            None => None,
        };
        let (Some(before), Some(after)) = (before, after) else {
            let name = Untrusted::name(&input.instance);
            let headline = format!("there is no slow log of {name} to read");
            return Ok(Answer::new(headline, Vec::new(), Data::default()));
        };
        if before.is_empty() || after.is_empty() {
            return Ok(one_sided(&before, &after));
        }
        let changes = Changes::between(side(&before), side(&after));
        let scene = Scene {
            instance: &input.instance,
            window,
            digest: &after.digest,
        };
        let findings = findings(&changes, &scene);
        let headline = match findings.first() {
            Some(first) => format!("{}: {}", load(&changes), first.statement),
            None => load(&changes),
        };
        let limit = input.limit.unwrap_or(if full { 25 } else { 6 }).min(100);
        let told = |change: &&Change<'_>| full || change.added_load > 0.0;
        let rows = changes.forms.iter().filter(told).take(limit);
        let rows: Vec<Row> = rows
            .filter_map(|change| row(&changes, change, full))
            .collect();
        let gone = changes.forms.iter().filter(|change| change.now.is_none());
        let (kept, total) = (rows.len(), changes.forms.len());
        let data = Data {
            gone: Some(gone.count()).filter(|gone| *gone > 0),
            window: Some(Covered::of(&after)),
            baseline: Some(Covered::of(&before)),
            changes: rows,
        };
        Ok(Answer::new(headline, findings, data).cut("changes", kept, total))
    }
}

fn side(reading: &Reading) -> Side<'_> {
    Side {
        digest: &reading.digest,
        seconds: reading.covered_s(),
    }
}

/// Nothing can be held against nothing.
fn one_sided(before: &Reading, after: &Reading) -> Answer<Data> {
    let headline = match (before.is_empty(), after.is_empty()) {
        (true, true) => "nothing was logged in either window",
        (true, false) => {
            "nothing was logged in the baseline, so nothing can be compared: name another by `baseline_from`"
        }
        _ => "nothing was logged in the window: statements ended, got quicker, or the log was off",
    };
    let data = Data {
        window: Some(Covered::of(after)),
        baseline: Some(Covered::of(before)),
        ..Data::default()
    };
    Answer::new(headline, Vec::new(), data)
}

fn load(changes: &Changes<'_>) -> String {
    let (before, now) = (changes.before.load(), changes.now.load());
    let what = match now / before.max(f64::MIN_POSITIVE) {
        1.2.. => format!(
            "statements take {} times as much time as before",
            count(now / before)
        ),
        ..0.8 => format!(
            "statements take {} of the time they took before",
            percent(now / before.max(f64::MIN_POSITIVE))
        ),
        _ => "statements take about as much time as before".to_owned(),
    };
    format!("{what} ({now:.3} s a second, before {before:.3})")
}

fn row(changes: &Changes<'_>, change: &Change<'_>, full: bool) -> Option<Row> {
    let form = change.form()?;
    let both = |figure: &dyn Fn(&Side<'_>, &Group) -> f64| {
        let of = |side: &Side<'_>, group: Option<&Group>| {
            three_digits(group.map_or(0.0, |group| figure(side, group)))
        };
        [
            of(&changes.before, change.before),
            of(&changes.now, change.now),
        ]
    };
    let digest = match change.kind {
        Kind::Less if change.now.is_none() => changes.before.digest,
        _ => changes.now.digest,
    };
    Some(Row {
        id: form.id().to_string(),
        kind: change.kind.as_str(),
        share_pct: rounded(change.share.max(0.0) * 100.0, 1),
        per_s: both(&|side, group| group.figures.count as f64 / side.seconds),
        time_s_per_s: both(&|side, group| group.figures.query_us.sum as f64 / 1e6 / side.seconds),
        mean_ms: both(&|_, group| Form::of(group).mean_s() * 1e3),
        p95_ms: both(&|_, group| quantile_ms(&group.times, 0.95)),
        examined_per_run: both(&|_, group| Form::of(group).each(group.figures.rows_examined.sum)),
        clients: clients(digest, &form.group.clients, if full { 5 } else { 1 }),
        statement: statement(form, if full { FULL_CHARS } else { CONCISE_CHARS }),
    })
}
