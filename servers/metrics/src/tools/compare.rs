//! `metrics_compare`: the signals of a window against those of another, or of another instance.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use storex_sources::{SIGNALS, Wanted, Window};
use storex_tool::{
    Answer, BaselineArgs, Call, CallMetrics, Confidence, Detail, Effect, Finding, Severity, Spec,
    Target, Tool, ToolError, Untrusted, WindowArgs,
};

use super::shown::Covered;
use crate::change::{Change, Changes};
use crate::grid::grid;
use crate::named::wanted;
use crate::words::{figure, four_digits};

/// The window where the caller names none.
const MINUTES: i64 = 30;
/// Figures of a series in a window at most.
const MOST_POINTS: usize = 1_500;
/// Series the caller may name.
const MOST_NAMED: usize = 20;
/// Series a name of the store's may stand for, with all the signals.
const MOST_SERIES: usize = 200;
/// Changes shown unless the caller says how many.
const CONCISE: usize = 12;
const FULL: usize = 60;
/// Changes told as findings.
const FINDINGS: usize = 3;

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
    /// Another instance in the same window instead, such as a replica of the cluster
    compare_to: Option<String>,
    /// Only these, as in `metrics_query`; default: all signals
    #[serde(default)]
    #[schemars(length(max = 20))]
    series: Vec<String>,
    #[serde(default)]
    detail: Detail,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<usize>,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    #[schemars(with = "Map<String, Value>")]
    window: Covered,
    #[schemars(with = "Map<String, Value>")]
    baseline: Covered,
    /// For the worse first; pairs are before and now
    #[schemars(with = "Vec<Map<String, Value>>")]
    changes: Vec<Row>,
    /// Series that do not differ
    same: usize,
    /// Series with too few figures to tell
    unknown: usize,
}

/// A series that differs; each pair is before, or the other instance, and now.
#[derive(Debug, Serialize)]
struct Row {
    series: Untrusted,
    #[serde(skip_serializing_if = "str::is_empty")]
    unit: &'static str,
    median: [f64; 2],
    p95: [f64; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    /// How much more often a figure of now is greater than less, -1 to 1
    effect: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    worse: bool,
}

impl Tool for Compare {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "metrics_compare",
        title: "What differs",
        description: "Compares the signals of a window (default: the last 30 minutes) with those of the window \
                      before, the same time of another day, or another instance: what differs beyond chance \
                      and by how much, for the worse first.",
        effect: Effect::Read,
        target: Target::InstanceAnd("compare_to"),
        deadline: Duration::from_secs(30),
        row_limit: 100,
        freshness: Duration::from_secs(15),
        probes: &[],
        log_bytes: 0,
        metric_points: (2 * MOST_POINTS * MOST_SERIES) as u64,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/metrics_compare.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let metrics = call.metrics()?;
        let asked = Asked::of(&input, metrics.now())?;
        let now_grid = grid(asked.window, None, MOST_POINTS)?;
        let step = Some(now_grid.step().seconds());
        let before_grid = grid(asked.baseline, step, MOST_POINTS)?;
        let other = match call.other() {
            Some(other) => other.metrics()?,
            None => metrics,
        };
        // One after the other: a store that is busy is not asked twice at once.
        let now = metrics.read(&asked.wanted, &now_grid).await?;
        let before = match &now {
            Some(_) => other.read(&asked.wanted, &before_grid).await?,
            None => None,
        };
        let (now, before) = (now.unwrap_or_default(), before.unwrap_or_default());
        let changes = Changes::of(&before.series, &now.series);
        let full = input.detail == Detail::Full;
        let limit = input.limit.unwrap_or(if full { FULL } else { CONCISE });
        let shown = changes.changed.iter().take(limit.clamp(1, 100));
        let data = Data {
            window: Covered::of(&now_grid),
            baseline: Covered::of(&before_grid),
            changes: shown.map(Row::of).collect(),
            same: changes.same,
            unknown: changes.unknown,
        };
        let headline = headline(&changes, &asked.words);
        let worse = changes.changed.iter().filter(|change| change.is_worse());
        let findings = worse
            .take(FINDINGS)
            .map(|change| finding(change, &asked, &input.instance, metrics))
            .collect();
        let (kept, total) = (data.changes.len(), changes.changed.len());
        Ok(Answer::new(headline, findings, data).cut("changes", kept, total))
    }
}

/// What is held against what.
struct Asked {
    wanted: Vec<Wanted>,
    window: Window,
    baseline: Window,
    /// What it is compared with, in words.
    words: String,
}

impl Asked {
    fn of(input: &Input, now: Timestamp) -> Result<Self, ToolError> {
        if input.series.len() > MOST_NAMED {
            return Err(ToolError::bad_input("argument `series`: 20 names at most"));
        }
        let named: Result<Vec<Wanted>, ToolError> =
            input.series.iter().map(|name| wanted(name)).collect();
        let mut wanted = named?;
        if wanted.is_empty() {
            wanted = SIGNALS.iter().map(Wanted::Signal).collect();
        }
        let window = input.window.window(now, MINUTES)?;
        let (baseline, words) = input.baseline(now, window)?;
        Ok(Self {
            wanted,
            window,
            baseline,
            words,
        })
    }
}

impl Input {
    fn baseline(&self, now: Timestamp, window: Window) -> Result<(Window, String), ToolError> {
        let Some(other) = &self.compare_to else {
            let baseline = self.baseline.window(now, window)?;
            return Ok((baseline, self.baseline.words(baseline)));
        };
        if !self.baseline.is_default() {
            return Err(ToolError::bad_input(
                "argument `compare_to`: another instance is compared in the same window; leave out \
                 `against` and `baseline_from`",
            ));
        }
        Ok((window, Untrusted::name(other).to_string()))
    }
}

impl Row {
    fn of(change: &Change<'_>) -> Self {
        let (before, now) = (change.difference.before, change.difference.now);
        Self {
            series: Untrusted::series(&change.series.id),
            unit: change.series.unit.as_str(),
            median: [before.median, now.median].map(four_digits),
            p95: [before.p95, now.p95].map(four_digits),
            ratio: change.difference.ratio.map(four_digits),
            effect: (change.difference.effect * 100.0).round() / 100.0,
            worse: change.is_worse(),
        }
    }
}

/// `qps from 100/s to 300/s`; the tails where only those moved.
fn told(change: &Change<'_>) -> String {
    let (before, now) = (change.difference.before, change.difference.now);
    let name = Untrusted::series(&change.series.id);
    let say = |figures: [f64; 2]| figures.map(|value| figure(value, change.series.unit));
    let [from, to] = say([before.median, now.median]);
    if from == to {
        let [from, to] = say([before.p95, now.p95]);
        return format!("{name} in its highest twentieth from {from} to {to}");
    }
    format!("{name} from {from} to {to}")
}

fn headline(changes: &Changes<'_>, than: &str) -> String {
    let compared = changes.compared();
    if compared == 0 {
        return format!("no series has figures in both, here and of {than}");
    }
    let count = changes.changed.len();
    if count == 0 {
        return format!("none of {compared} series differs from {than}");
    }
    let first: Vec<String> = changes.changed.iter().take(3).map(told).collect();
    let more = if count > first.len() { ", ..." } else { "" };
    format!(
        "{count} of {compared} series differ from {than}: {}{more}",
        first.join(", ")
    )
}

/// A difference is a symptom; what causes it, other tools tell.
fn finding(
    change: &Change<'_>,
    asked: &Asked,
    instance: &str,
    metrics: CallMetrics<'_>,
) -> Finding {
    let (before, now) = (change.difference.before, change.difference.now);
    let statement = format!("{}, against {}", told(change), asked.words);
    let [now, before] = [now.median, before.median].map(four_digits);
    let unit = change.series.unit.as_str();
    // As long before it, so that the beginning can be seen.
    let length = asked.window.to.duration_since(asked.window.from);
    let from = asked.window.from.checked_sub(length);
    let from = from.unwrap_or(asked.window.from);
    Finding::new(
        "signal_differs",
        Severity::Info,
        Confidence::Possible,
        statement,
    )
    .against("median", now, before, unit, metrics.source())
    .next(
        "metrics_query",
        json!({
            "instance": instance, "series": [change.series.id.name],
            "from": from.to_string(), "to": asked.window.to.to_string(),
        }),
    )
}
