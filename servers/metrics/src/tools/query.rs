//! `metrics_query`: series by name, or by an expression in the store's own language, over a window.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storex_series::{Grid, Series, SeriesId};
use storex_sources::{Fetched, Wanted};
use storex_tool::{
    Answer, Call, CallMetrics, Detail, Effect, Spec, Target, Tool, ToolError, Truncated, Untrusted,
    WindowArgs,
};

use super::shown::{Covered, Row};
use crate::figures::Summary;
use crate::grid::grid;
use crate::named::wanted;
use crate::words::figure;

/// The window where the caller names none.
const MINUTES: i64 = 60;
/// Figures of a series at most.
const MOST_POINTS: usize = 1_500;
/// Series read at most.
const MOST_SERIES: usize = 100;
/// Series shown unless the caller says how many.
const CONCISE: usize = 12;
const FULL: usize = 40;
/// Figures an answer in full shows one by one; of further series it shows what they come to.
const SHOWN_POINTS: usize = 2_000;
/// The longest expression.
const LONGEST: usize = 2_000;
/// Names told where nothing was found.
const NAMES: usize = 20;
/// Names listed where none is named, unless the caller says how many.
const LISTED: usize = 60;

/// The tool.
pub(super) struct Query;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// In the store's own language (PromQL)
    expression: Option<String>,
    /// Instead: signals (`qps`) or the store's names, `name{label="value"}`. With neither, names are listed
    #[serde(default)]
    #[schemars(length(max = 20))]
    series: Vec<String>,
    #[serde(flatten)]
    window: WindowArgs,
    /// Seconds between points
    #[schemars(range(min = 1))]
    step_s: Option<u32>,
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
    /// Highest at the end first
    #[schemars(with = "Vec<Map<String, Value>>")]
    series: Vec<Row>,
    /// Names there are, where none was found or asked for
    #[serde(skip_serializing_if = "Vec::is_empty")]
    known: Vec<Untrusted>,
}

impl Tool for Query {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "metrics_query",
        title: "Series of a server",
        description: "Reads series of an instance from its metrics store over a window (default: the last \
                      hour): an expression in the store's language, or series by name. Last, lowest, median \
                      and highest figure; every point with `full`.",
        // A source adds to each part of an expression what keeps it to the instance's own series, and those
        // hold what other tools that read show too.
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 100,
        freshness: Duration::from_secs(10),
        probes: &[],
        log_bytes: 0,
        metric_points: (MOST_POINTS * MOST_SERIES) as u64,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/metrics_query.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let metrics = call.metrics()?;
        let asked = Asked::of(&input)?;
        let full = input.detail == Detail::Full;
        let window = input.window.window(metrics.now(), MINUTES)?;
        let grid = grid(window, input.step_s, MOST_POINTS)?;
        let name = Untrusted::name(&input.instance);
        if let Asked::Names = asked {
            return names(metrics, &input, &grid).await;
        }
        let Some(mut fetched) = asked.read(metrics, &grid).await? else {
            let headline = format!("the series of {name} cannot be read");
            return Ok(Answer::new(headline, Vec::new(), Data::empty(&grid)));
        };
        if fetched.series.is_empty() {
            let known = asked.like(metrics).await?;
            let data = Data {
                known: known.iter().map(Untrusted::series).collect(),
                ..Data::empty(&grid)
            };
            let headline = format!("{name} has no figure of that in the window");
            return Ok(Answer::new(headline, Vec::new(), data));
        }
        highest_first(&mut fetched.series);
        let limit = input.limit.unwrap_or(if full { FULL } else { CONCISE });
        let limit = limit.clamp(1, MOST_SERIES);
        let headline = headline(&fetched.series, &grid);
        let total = fetched.series.len();
        fetched.series.truncate(limit);
        let in_points = if full {
            SHOWN_POINTS / grid.len().max(1)
        } else {
            0
        };
        let in_points = if full { in_points.max(1) } else { 0 };
        let rows = fetched.series.iter().enumerate();
        let rows: Vec<Row> = rows
            .map(|(place, series)| Row::of(series, &grid, place < in_points))
            .collect();
        let shown = rows.len();
        let data = Data {
            series: rows,
            ..Data::empty(&grid)
        };
        let mut answer = Answer::new(headline, Vec::new(), data).cut("series", shown, total);
        if full && in_points < shown {
            answer.truncated.push(Truncated {
                what: "points".to_owned(),
                kept: in_points,
                total: shown,
                how: "ask for a longer `step_s`, a shorter window or fewer series".to_owned(),
            });
        }
        Ok(answer)
    }
}

impl Data {
    fn empty(grid: &Grid) -> Self {
        Self {
            window: Covered::of(grid),
            series: Vec::new(),
            known: Vec::new(),
        }
    }
}

/// What the caller asks for.
enum Asked<'i> {
    Expression(&'i str),
    Series(Vec<Wanted>),
    Names,
}

impl<'i> Asked<'i> {
    fn of(input: &'i Input) -> Result<Self, ToolError> {
        match (&input.expression, input.series.as_slice()) {
            (Some(text), []) if text.len() > LONGEST => Err(ToolError::bad_input(format!(
                "argument `expression`: longer than {LONGEST} bytes"
            ))),
            (Some(text), []) => Ok(Self::Expression(text)),
            (None, names) if !names.is_empty() && names.len() <= 20 => {
                let wanted: Result<Vec<Wanted>, ToolError> =
                    names.iter().map(|name| wanted(name)).collect();
                wanted.map(Self::Series)
            }
            (None, []) => Ok(Self::Names),
            (None, _) => Err(ToolError::bad_input("argument `series`: 20 names at most")),
            (Some(_), _) => Err(ToolError::bad_input(
                "argument `series`: pass either `expression` or `series`, not both",
            )),
        }
    }

    async fn read(
        &self,
        metrics: CallMetrics<'_>,
        grid: &Grid,
    ) -> Result<Option<Fetched>, ToolError> {
        match self {
            Self::Expression(text) => metrics.query(text, grid, MOST_SERIES).await.map(Some),
            Self::Series(wanted) => metrics.read(wanted, grid).await,
            Self::Names => Ok(None),
        }
    }

    /// Names that are like what was asked for: those that share the longest beginning with it.
    async fn like(&self, metrics: CallMetrics<'_>) -> Result<Vec<SeriesId>, ToolError> {
        let mut part = match self {
            Self::Expression(text) => longest_word(text),
            Self::Series(wanted) => wanted.iter().find_map(|one| match one {
                Wanted::Named(id) => Some(id.name.as_str()),
                Wanted::Signal(_) => None,
            }),
            Self::Names => None,
        }
        .unwrap_or_default();
        for _ in 0..4 {
            if part.is_empty() {
                break;
            }
            let found = metrics.names(part, NAMES).await?.unwrap_or_default();
            if !found.is_empty() {
                return Ok(found);
            }
            part = part.rsplit_once('_').map_or("", |(before, _)| before);
        }
        Ok(Vec::new())
    }
}

/// The names of the instance's series.
async fn names(
    metrics: CallMetrics<'_>,
    input: &Input,
    grid: &Grid,
) -> Result<Answer<Data>, ToolError> {
    let limit = input.limit.unwrap_or(LISTED).clamp(1, MOST_SERIES);
    let name = Untrusted::name(&input.instance);
    let Some(known) = metrics.names("", limit + 1).await? else {
        let headline = format!("the series of {name} cannot be listed");
        return Ok(Answer::new(headline, Vec::new(), Data::empty(grid)));
    };
    let more = if known.len() > limit { " and more" } else { "" };
    let shown = known.iter().take(limit);
    let data = Data {
        known: shown.map(Untrusted::series).collect(),
        ..Data::empty(grid)
    };
    let count = data.known.len();
    let headline = format!("{name} has {count} series{more}; name those to read");
    Ok(Answer::new(headline, Vec::new(), data))
}

/// The longest word of an expression, which is most often the name of a series.
fn longest_word(text: &str) -> Option<&str> {
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    text.split(|c| !of_a_name(c))
        .filter(|word| word.len() > 3)
        .max_by_key(|word| word.len())
}

fn highest_first(series: &mut [Series]) {
    let last = |series: &Series| Summary::of(&series.values).last.map(|(_, value)| value);
    series.sort_by_cached_key(|series| {
        let last = last(series).unwrap_or(f64::NEG_INFINITY);
        (std::cmp::Reverse(Ordered(last)), series.id.clone())
    });
}

/// A figure in the order of figures.
#[derive(PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

fn headline(series: &[Series], grid: &Grid) -> String {
    let Some(first) = series.first() else {
        return String::new();
    };
    let summary = Summary::of(&first.values);
    let name = Untrusted::series(&first.id);
    let say = |value: f64| figure(value, first.unit);
    let Some((at, last)) = summary.last else {
        let count = series.len();
        return format!("{count} series, none of which has a figure in the window");
    };
    let (last, at) = (say(last), grid.at(at));
    let (min, median, max) = (say(summary.min), say(summary.median), say(summary.max));
    match series.len() {
        1 => format!("{name} was {last} at {at} (lowest {min}, median {median}, highest {max})"),
        count => format!(
            "{count} series; highest at the end: {name} with {last} (median {median}, highest {max})"
        ),
    }
}
