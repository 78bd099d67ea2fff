//! `metrics_overview`: the golden signals now, each against its own normal.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use storex_series::{Basis, Series, Step};
use storex_sources::{Fetched, SIGNALS, Signal, Wanted, Window};
use storex_tool::{
    Answer, Call, Confidence, Detail, Effect, Finding, Severity, Spec, Target, Tool, ToolError,
    Untrusted, WindowArgs,
};

use crate::follow::follow;
use crate::golden::Now;
use crate::span::Span;
use crate::words::{figure, four_digits};

/// What is called now: so many of the store's figures, within bounds.
const NOW_POINTS: i64 = 5;
const NOW_S: (i64, i64) = (30, 900);
/// Points of both spans of a signal, at most.
const MOST_POINTS: usize = 4_000;
/// Unusual signals told one by one in a concise answer.
const CONCISE: usize = 10;
const FINDINGS: usize = 5;
const STORE: &str = "metrics";

/// The tool.
pub(super) struct Overview;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// Time in UTC (RFC 3339) instead of now
    at: Option<String>,
    #[serde(default)]
    detail: Detail,
}

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    /// Outside of the band of what is usual, farthest first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    unusual: Vec<Row>,
    /// Within it, by kind
    #[serde(skip_serializing_if = "Map::is_empty")]
    usual: Map<String, Value>,
}

/// A signal.
#[derive(Debug, Serialize)]
struct Row {
    signal: &'static str,
    now: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    normal: Option<f64>,
    /// Of the band of what is usual
    #[serde(skip_serializing_if = "Option::is_none")]
    band: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "str::is_empty")]
    unit: &'static str,
    basis: String,
}

impl Row {
    fn of(now: &Now) -> Self {
        let band = now.normal.map(|normal| [normal.lower(), normal.upper()]);
        // Nothing that is counted falls below nought.
        let band = band.map(|[lower, upper]| [four_digits(lower.max(0.0)), four_digits(upper)]);
        Self {
            signal: now.signal.name,
            now: now.value.map(four_digits),
            normal: now.normal.map(|normal| four_digits(normal.centre)),
            band,
            unit: now.signal.unit.as_str(),
            basis: now.basis.to_string(),
        }
    }
}

impl Tool for Overview {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "metrics_overview",
        title: "Golden signals now",
        description: "Load, latency, errors, saturation, connections, CPU, disk and replication of an \
                      instance now, each against its own normal (same hour of other days, else the last \
                      hours), unusual first.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(20),
        row_limit: 100,
        freshness: Duration::from_secs(10),
        probes: &[],
        log_bytes: 0,
        metric_points: (SIGNALS.len() * MOST_POINTS) as u64,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/metrics_overview.md"),
        aliases: &["golden_signals", "health"],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let metrics = call.metrics()?;
        let at = WindowArgs::between(None, input.at.clone())
            .window(metrics.now(), 1)?
            .to;
        let name = Untrusted::name(&input.instance);
        let unread = || {
            let headline = format!("the signals of {name} cannot be read");
            Ok(Answer::new(headline, Vec::new(), Data::default()))
        };
        let Some(facts) = metrics.about().await? else {
            return unread();
        };
        let window = just_before(at, facts.resolution)?;
        let near = Span::near(window, facts.resolution);
        let days = Span::days(window, facts.resolution);
        let wanted: Vec<Wanted> = SIGNALS.iter().map(Wanted::Signal).collect();
        let Some(close) = metrics.read(&wanted, &near.grid).await? else {
            return unread();
        };
        // Only of what there is: what is missing was told once.
        let there: Vec<Wanted> = SIGNALS
            .iter()
            .filter(|signal| find(&close, signal).is_some())
            .map(Wanted::Signal)
            .collect();
        let far = match there.as_slice() {
            [] => None,
            there => metrics.read(there, &days.grid).await?,
        };
        let far = far.unwrap_or_default();
        let now = SIGNALS.iter().map(|signal| {
            Now::of(
                signal,
                (&near, find(&close, signal)),
                (&days, find(&far, signal)),
            )
        });
        let now: Vec<Now> = now.filter(|now| now.value.is_some()).collect();
        Ok(answer(&input, &name, now, &near, window))
    }
}

/// The last figures up to a moment.
fn just_before(to: Timestamp, resolution: Step) -> Result<Window, ToolError> {
    let seconds = (NOW_POINTS * i64::from(resolution.seconds())).clamp(NOW_S.0, NOW_S.1);
    let from = to.checked_sub(SignedDuration::from_secs(seconds));
    let from = from.map_err(|_| ToolError::bad_input("argument `at`: too early"))?;
    Ok(Window { from, to })
}

fn find<'a>(fetched: &'a Fetched, signal: &Signal) -> Option<&'a Series> {
    fetched
        .series
        .iter()
        .find(|series| series.id.name == signal.name)
}

fn answer(
    input: &Input,
    name: &Untrusted,
    now: Vec<Now>,
    near: &Span,
    window: Window,
) -> Answer<Data> {
    let full = input.detail == Detail::Full;
    let (mut unusual, usual): (Vec<Now>, Vec<Now>) = now.into_iter().partition(Now::is_unusual);
    let distance = |now: &Now| now.score().map_or(0.0, f64::abs);
    unusual.sort_by(|one, other| {
        let worse = other.is_worse().cmp(&one.is_worse());
        worse.then(distance(other).total_cmp(&distance(one)))
    });
    let findings = unusual.iter().filter(|now| now.is_worse());
    let findings = findings
        .take(FINDINGS)
        .map(|now| finding(now, &input.instance, near));
    let findings: Vec<Finding> = findings.collect();
    let headline = headline(name, &unusual, &usual, window);
    let total = unusual.len();
    let most = if full { total } else { CONCISE };
    let rows: Vec<Row> = unusual.iter().take(most).map(Row::of).collect();
    let kept = rows.len();
    let data = Data {
        unusual: rows,
        usual: by_kind(&usual, full),
    };
    Answer::new(headline, findings, data).cut("unusual", kept, total)
}

fn finding(now: &Now, instance: &str, near: &Span) -> Finding {
    let (value, unit) = (now.value.unwrap_or(f64::NAN), now.signal.unit);
    let centre = now.normal.map_or(f64::NAN, |normal| normal.centre);
    let what = format!(
        "{} is {}, usually {} ({}): {}",
        now.signal.name,
        figure(value, unit),
        figure(centre, unit),
        now.basis,
        now.signal.meaning,
    );
    let finding = Finding::new(
        "unusual_signal",
        Severity::Warning,
        Confidence::Likely,
        what,
    )
    .against(
        "figure",
        four_digits(value),
        now.normal.map(|normal| {
            four_digits(if value > centre {
                normal.upper()
            } else {
                normal.lower()
            })
        }),
        unit.as_str(),
        STORE,
    )
    .next("metrics_anomalies", json!({ "instance": instance }));
    follow(
        finding,
        instance,
        &[now.signal.name],
        &near.grid,
        near.window.start,
    )
}

/// `{"load": "qps 320 /s, threads_running 3"}`; in full with the normal of each.
fn by_kind(usual: &[Now], full: bool) -> Map<String, Value> {
    let mut kinds: Map<String, Value> = Map::new();
    for now in usual {
        let unit = now.signal.unit;
        let value = figure(now.value.unwrap_or(f64::NAN), unit);
        let normal = now.normal.filter(|_| full);
        let normal = normal.map(|normal| format!(" (usually {})", figure(normal.centre, unit)));
        let said = format!("{} {value}{}", now.signal.name, normal.unwrap_or_default());
        match kinds
            .entry(now.signal.golden.as_str())
            .or_insert(Value::Null)
        {
            Value::String(text) => {
                text.push_str(", ");
                text.push_str(&said);
            }
            empty => *empty = Value::String(said),
        }
    }
    kinds
}

fn headline(name: &Untrusted, unusual: &[Now], usual: &[Now], window: Window) -> String {
    let all = unusual.len() + usual.len();
    if all == 0 {
        let seconds = window.to.duration_since(window.from).as_secs();
        return format!(
            "{name} has no figure of the {seconds} s before {:.0}",
            window.to
        );
    }
    let unknown = usual.iter().filter(|now| now.basis == Basis::None).count();
    if 2 * unknown > all {
        return format!(
            "{all} signals of {name} read; the past is too short to know what is normal for {unknown} of them"
        );
    }
    if unusual.is_empty() {
        return format!("all {all} signals of {name} are as usual");
    }
    let told = unusual.iter().take(3).map(|now| {
        let (unit, centre) = (
            now.signal.unit,
            now.normal.map_or(f64::NAN, |normal| normal.centre),
        );
        let value = figure(now.value.unwrap_or(f64::NAN), unit);
        format!(
            "{} {value} (usually {})",
            now.signal.name,
            figure(centre, unit)
        )
    });
    let told: Vec<String> = told.collect();
    format!(
        "{} of {all} signals of {name} are unusual: {}",
        unusual.len(),
        told.join(", ")
    )
}
