//! `metrics_correlate`: which other series moved with one, and which moved first.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storex_series::{Correlation, Grid, SeriesId, Target as Moving};
use storex_sources::{Wanted, Window, signal};
use storex_tool::{
    Answer, Call, CallMetrics, Detail, Effect, Spec, Target, Tool, ToolError, Untrusted, WindowArgs,
};

use super::shown::Covered;
use crate::named::wanted;
use crate::span::step;
use crate::words::four_digits;

/// The window where the caller names none.
const MINUTES: i64 = 60;
const MOST_SERIES: usize = 4_000;
const MOST_POINTS: usize = 250;
/// Steps by which one may follow the other.
const LAGS: usize = 8;
const CONCISE: usize = 10;
const FULL: usize = 40;
/// A series that is no signal has to move that much more alike to stand before one.
const OTHER: f64 = 0.9;

/// The tool.
pub(super) struct Correlate;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// A signal (`qps`) or the store's name of one series
    series: String,
    #[serde(flatten)]
    window: WindowArgs,
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
    series_compared: usize,
    /// Most alike first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    moved_with: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    series: Untrusted,
    /// Pearson's, -1 to 1
    r: f64,
    /// Below nought it moved first
    later_by_s: i64,
    points: usize,
}

impl Tool for Correlate {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "metrics_correlate",
        title: "What moved with a series",
        description: "Which other series of an instance moved with one of them in a window (default: the \
                      last hour), and which moved first. Moving together is no cause.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 100,
        freshness: Duration::from_secs(15),
        probes: &[],
        log_bytes: 0,
        metric_points: ((MOST_SERIES + 1) * MOST_POINTS) as u64,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/metrics_correlate.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let metrics = call.metrics()?;
        let wanted = wanted(&input.series)?;
        let window = input.window.window(metrics.now(), MINUTES)?;
        let name = Untrusted::name(&input.instance);
        let say = |headline: String| Ok(Answer::new(headline, Vec::new(), Data::default()));
        let Some(facts) = metrics.about().await? else {
            return say(format!("the series of {name} cannot be read"));
        };
        let grid = Grid::new(window.from, window.to, step(window, facts.resolution));
        let (id, values) = match one(metrics, &wanted, &grid).await? {
            Ok(one) => one,
            Err(why) => return say(why),
        };
        let Some(moving) = Moving::new(&values) else {
            return say(format!(
                "{} did not move in the window, or has fewer than 20 figures there",
                Untrusted::series(&id)
            ));
        };
        let Some((compared, found)) = held_against(metrics, &moving, &id, &grid).await? else {
            return say(format!("the series of {name} cannot be read"));
        };
        Ok(answer(&input, &id, compared, found, &grid, window))
    }
}

/// The one series asked about.
async fn one(
    metrics: CallMetrics<'_>,
    wanted: &Wanted,
    grid: &Grid,
) -> Result<Result<(SeriesId, Vec<f64>), String>, ToolError> {
    let fetched = metrics.read(std::slice::from_ref(wanted), grid).await?;
    let mut series = fetched.unwrap_or_default().series.into_iter();
    Ok(match (series.next(), series.next()) {
        (None, _) => Err(
            "there is no series of that name in the window; metrics_query lists them".to_owned(),
        ),
        (Some(one), None) => Ok((one.id, one.values)),
        (Some(one), Some(other)) => {
            let (one, other) = (Untrusted::series(&one.id), Untrusted::series(&other.id));
            Err(format!(
                "several series have that name, among them {one} and {other}; name one with its labels"
            ))
        }
    })
}

type Found = Vec<(SeriesId, Correlation)>;

/// All others, and how each moved.
async fn held_against(
    metrics: CallMetrics<'_>,
    moving: &Moving,
    id: &SeriesId,
    grid: &Grid,
) -> Result<Option<(usize, Found)>, ToolError> {
    let Some(mut reading) = metrics.scan(grid, MOST_SERIES).await? else {
        return Ok(None);
    };
    let (mut compared, mut found) = (0, Vec::new());
    while let Some(batch) = reading.next().await? {
        for series in batch.into_iter().filter(|series| series.id != *id) {
            let series = series.per_second(grid).series;
            let Some(correlation) = moving.with(&series.values, LAGS) else {
                continue;
            };
            compared += 1;
            if correlation.together {
                found.push((series.id, correlation));
            }
        }
    }
    Ok(Some((compared, found)))
}

fn answer(
    input: &Input,
    id: &SeriesId,
    compared: usize,
    mut found: Found,
    grid: &Grid,
    window: Window,
) -> Answer<Data> {
    let full = input.detail == Detail::Full;
    let limit = input
        .limit
        .unwrap_or(if full { FULL } else { CONCISE })
        .clamp(1, 100);
    let weight = |id: &SeriesId, one: &Correlation| {
        one.r.abs()
            * if signal(&id.name).is_some() {
                1.0
            } else {
                OTHER
            }
    };
    found.sort_by(|(one, a), (other, b)| {
        weight(other, b)
            .total_cmp(&weight(one, a))
            .then_with(|| one.cmp(other))
    });
    let step = i64::from(grid.step().seconds());
    let row = |(id, one): &(SeriesId, Correlation)| Row {
        series: Untrusted::series(id),
        r: four_digits(one.r),
        later_by_s: i64::try_from(one.lag).unwrap_or(0) * step,
        points: one.points,
    };
    let rows: Vec<Row> = found.iter().take(limit).map(row).collect();
    let first = found.iter().filter(|(_, one)| one.lag < 0).count();
    let minutes = window.to.duration_since(window.from).as_secs_f64() / 60.0;
    let name = Untrusted::series(id);
    let headline = match rows.first() {
        None => format!("none of {compared} other series moved with {name} in {minutes:.0} min"),
        Some(row) => format!(
            "{} of {compared} other series moved with {name} in {minutes:.0} min, {first} of them before it; \
             most alike: {} (r {})",
            found.len(),
            row.series,
            row.r
        ),
    };
    let kept = rows.len();
    let data = Data {
        window: Some(Covered::of(grid)),
        series_compared: compared,
        moved_with: rows,
    };
    Answer::new(headline, Vec::new(), data).cut("moved_with", kept, found.len())
}
