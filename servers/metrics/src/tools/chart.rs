//! `metrics_chart`: a picture of series with what is normal for them, the incident and what changed.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storex_chart::{Band, Change, Chart, Incident, Line, Summary, Theme};
use storex_series::{Analyst, Baseline, Margin, Series};
use storex_sources::{Wanted, Window};
use storex_tool::{
    Answer, App, Call, Detail, Effect, Picture, Spec, Target, Tool, ToolError, Untrusted,
    WindowArgs,
};

use super::shown::Covered;
use crate::named::wanted;
use crate::span::Span;

/// The window where the caller names none.
const MINUTES: i64 = 60;
/// Series in one picture.
const MOST_SERIES: usize = 6;
/// Those drawn where the caller names none.
const USUAL: [&str; 4] = [
    "qps",
    "threads_running",
    "row_lock_wait_sessions",
    "cpu_util",
];
/// Series of one name that are read.
const MOST_READ: u64 = 200;
const MOST_POINTS: u64 = 1_500;
const MOST_CHANGES: usize = 12;

static PAGE: App = App {
    uri: "ui://storex/metrics-chart",
    name: "metrics-chart",
    title: "Chart of metrics",
    html: storex_chart::APP_HTML,
};

/// The tool.
pub(super) struct MetricsChart;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// Signals (`qps`) or the store's names. Default: load, sessions, locks, processor
    #[serde(default)]
    #[schemars(length(max = 6))]
    series: Vec<String>,
    #[serde(flatten)]
    window: WindowArgs,
    /// Shaded from here
    incident_from: Option<String>,
    incident_to: Option<String>,
    /// Marked
    #[serde(default)]
    #[schemars(length(max = 12))]
    changes: Vec<Mark>,
    #[serde(default)]
    dark: bool,
    #[serde(default)]
    detail: Detail,
}

/// Something that happened.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Mark {
    at: String,
    label: String,
}

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    window: Option<Covered>,
    /// What the picture shows, for readers without it
    #[schemars(with = "Vec<Map<String, Value>>")]
    series: Vec<Summary<Untrusted>>,
    /// What the band of each was taken from, in full
    #[serde(skip_serializing_if = "Vec::is_empty")]
    normal_from: Vec<String>,
}

impl Tool for MetricsChart {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "metrics_chart",
        title: "Picture of series",
        description: "Draws up to six series of an instance over a window (default: the last hour) with the \
                      band of what is normal, an incident shaded and changes marked: a PNG, a page where the \
                      client shows one, and figures in words.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(20),
        row_limit: 6,
        freshness: Duration::from_secs(10),
        probes: &[],
        log_bytes: 0,
        metric_points: MOST_READ * MOST_POINTS,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/metrics_chart.md"),
        aliases: &["chart", "graph"],
    };

    const APP: Option<&'static App> = Some(&PAGE);

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let metrics = call.metrics()?;
        let wanted = asked(&input)?;
        let window = input.window.window(metrics.now(), MINUTES)?;
        let incident = incident(&input, window)?;
        let changes = changes(&input)?;
        let name = Untrusted::name(&input.instance);
        let say = |headline: String| Ok(Answer::new(headline, Vec::new(), Data::default()));
        let Some(facts) = metrics.about().await? else {
            return say(format!("the series of {name} cannot be read"));
        };
        let span = Span::near(window, facts.resolution);
        let Some(mut fetched) = metrics.read(&wanted, &span.grid).await? else {
            return say(format!("the series of {name} cannot be read"));
        };
        let found = fetched.series.len();
        fetched.series.truncate(MOST_SERIES);
        if fetched.series.is_empty() {
            return say(format!(
                "{name} has no series of that name; metrics_query lists them"
            ));
        }
        let normal_until = incident.map_or(window.from, |incident| incident.from);
        let (chart, basis) = draw(&input, &span, &fetched.series, normal_until)?;
        let chart = match incident {
            Some(incident) => chart.with_incident(incident),
            None => chart,
        };
        let chart = chart.with_changes(changes);
        let theme = if input.dark {
            Theme::Dark
        } else {
            Theme::Light
        };
        let data = Data {
            window: Some(Covered::of_window(&span.grid, &span.window)),
            series: chart.summaries(Untrusted::name),
            normal_from: basis,
        };
        let headline = headline(&fetched.series, &input, window);
        let shown = fetched.series.len();
        Ok(Answer::new(headline, Vec::new(), data)
            .with_picture(Picture::png(chart.png(theme)))
            .with_app_data(chart.app_data())
            .cut("series", shown, found))
    }
}

fn asked(input: &Input) -> Result<Vec<Wanted>, ToolError> {
    if input.series.len() > MOST_SERIES {
        return Err(ToolError::bad_input(format!(
            "argument `series`: {MOST_SERIES} series at most"
        )));
    }
    if input.series.is_empty() {
        return USUAL.iter().map(|name| wanted(name)).collect();
    }
    input.series.iter().map(|name| wanted(name)).collect()
}

fn moment(argument: &str, text: &str) -> Result<Timestamp, ToolError> {
    text.parse().map_err(|_| {
        ToolError::bad_input(format!(
            "argument `{argument}`: write a time in UTC, such as 2026-11-23T12:00:00Z"
        ))
    })
}

fn incident(input: &Input, window: Window) -> Result<Option<Incident>, ToolError> {
    let from = input.incident_from.as_deref();
    let to = input.incident_to.as_deref();
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let from = from.map_or(Ok(window.from), |text| moment("incident_from", text))?;
    let to = to.map_or(Ok(window.to), |text| moment("incident_to", text))?;
    if from >= to {
        return Err(ToolError::bad_input(
            "argument `incident_to`: must be after `incident_from`",
        ));
    }
    Ok(Some(Incident { from, to }))
}

fn changes(input: &Input) -> Result<Vec<Change>, ToolError> {
    if input.changes.len() > MOST_CHANGES {
        return Err(ToolError::bad_input(format!(
            "argument `changes`: {MOST_CHANGES} marks at most"
        )));
    }
    let change = |mark: &Mark| Ok(Change::new(moment("changes.at", &mark.at)?, &mark.label));
    input.changes.iter().map(change).collect()
}

/// The points asked about of every series, each with its band.
fn draw(
    input: &Input,
    span: &Span,
    series: &[Series],
    until: Timestamp,
) -> Result<(Chart, Vec<String>), ToolError> {
    let shown = span.shown();
    // What is normal is told by what came before the incident, where one is named.
    let past = span.grid.points(span.grid.start(), until).end;
    let mut analyst = Analyst::new(&span.grid, past.min(span.window.end)..span.window.end);
    let mut basis = Vec::new();
    let line = |series: &Series| {
        let baseline = analyst.baseline(&series.values, Margin::of(series.unit));
        if input.detail == Detail::Full {
            basis.push(format!(
                "{}: {}",
                Untrusted::series(&series.id),
                baseline.basis
            ));
        }
        let values = series.values.get(span.window.clone()).unwrap_or_default();
        let line = Line::of(&Series {
            values: values.to_vec(),
            ..series.clone()
        });
        match band(&baseline, span) {
            Some(band) => line.with_band(band),
            None => line,
        }
    };
    let lines = series.iter().map(line).collect();
    let chart = Chart::new(&input.instance, shown, lines)
        .map_err(|error| ToolError::internal(format!("no chart can be drawn: {error}")))?;
    Ok((chart, basis))
}

fn band(baseline: &Baseline, span: &Span) -> Option<Band> {
    let normal = span.window.clone().map(|point| baseline.at(point));
    let normal: Option<Vec<_>> = normal.collect();
    let normal = normal?;
    Some(Band {
        // Nothing that is counted falls below nought.
        lower: normal
            .iter()
            .map(|normal| normal.lower().max(0.0))
            .collect(),
        upper: normal.iter().map(storex_series::Normal::upper).collect(),
    })
}

fn headline(series: &[Series], input: &Input, window: Window) -> String {
    let named = series
        .iter()
        .map(|series| Untrusted::series(&series.id).to_string());
    let named: Vec<String> = named.collect();
    format!(
        "{} of {} from {:.0} to {:.0}",
        named.join(", "),
        Untrusted::name(&input.instance),
        window.from,
        window.to,
    )
}
