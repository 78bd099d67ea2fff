//! `metrics_anomalies`: every series of an instance scanned over a window: what left its normal, when, by
//! how much, and what moved with it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use storex_series::{Grid, Moved, Shape, Silence, stories};
use storex_sources::{Wanted, Window};
use storex_tool::{
    Answer, Call, CallMetrics, Confidence, Detail, Effect, Finding, Severity, Spec, Target, Tool,
    ToolError, Untrusted, WindowArgs,
};

use super::shown::Covered;
use crate::observed::{Observer, Setting};
use crate::span::Span;
use crate::stories::{StoryRow, Telling};
use crate::usual::is_usual;
use crate::words::{figure, four_digits};

/// The window where the caller names none.
const MINUTES: i64 = 60;
/// Series scanned at most.
const MOST_SERIES: usize = 4_000;
/// Figures of each at most: what [`Span::near`] comes to.
const MOST_POINTS: usize = 1_500;
/// Episodes that are held against the same hour of other days.
const CHECKED: usize = 60;
/// Below this a story is no news: a twelfth of a signal that tripled twenty spreads away.
const NEWS: f64 = 0.5;
const CONCISE: (usize, usize) = (3, 5);
const FULL: (usize, usize) = (10, 15);
const STORE: &str = "metrics";

/// The tool.
pub(super) struct Anomalies;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(flatten)]
    window: WindowArgs,
    #[serde(default)]
    detail: Detail,
    /// Stories
    #[schemars(range(min = 1, max = 20))]
    limit: Option<usize>,
}

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    window: Option<Covered>,
    series_scanned: usize,
    /// Changes that every day brings at this hour, left out
    #[serde(skip_serializing_if = "Option::is_none")]
    usual_at_this_hour: Option<usize>,
    /// What moved together, most telling first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    stories: Vec<StoryRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    settings_changed: Vec<SettingRow>,
}

#[derive(Debug, Serialize)]
struct SettingRow {
    setting: Untrusted,
    from: f64,
    to: f64,
    at: String,
}

impl Tool for Anomalies {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "metrics_anomalies",
        title: "What left its normal",
        description: "Scans every series of an instance over a window (default: the last hour): what left \
                      its normal, when it began, by how much, what moved with it, in order of onset. Ask \
                      it first when it is not known what broke.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 20,
        freshness: Duration::from_secs(15),
        probes: &[],
        log_bytes: 0,
        metric_points: (MOST_SERIES * MOST_POINTS) as u64,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/metrics_anomalies.md"),
        aliases: &["anomalies", "what_changed"],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let metrics = call.metrics()?;
        let window = input.window.window(metrics.now(), MINUTES)?;
        let name = Untrusted::name(&input.instance);
        let unread = || {
            let headline = format!("the series of {name} cannot be read");
            Answer::new(headline, Vec::new(), Data::default())
        };
        let Some(facts) = metrics.about().await? else {
            return Ok(unread());
        };
        let near = Span::near(window, facts.resolution);
        let Some(observer) = scan(metrics, &near).await? else {
            return Ok(unread());
        };
        let silences = observer.silences();
        let mut moved = observer.moved(&silences);
        moved.sort_by(|one, other| other.score().total_cmp(&one.score()));
        let days = Span::days(window, facts.resolution);
        let usual = drop_usual(metrics, &observer, &near.grid, &days, &mut moved).await?;
        let told = told(&input, &observer, &near, &moved, &silences);
        let full = input.detail == Detail::Full;
        let data = Data {
            window: Some(Covered::of_window(&near.grid, &near.window)),
            series_scanned: observer.series,
            usual_at_this_hour: (usual > 0).then_some(usual),
            stories: told.rows,
            settings_changed: settings(&observer.settings, &near.grid, full),
        };
        let headline = headline(&name, &observer, &told.findings, window);
        let (kept, total) = (data.stories.len(), told.stories);
        Ok(Answer::new(headline, told.findings, data).cut("stories", kept, total))
    }
}

/// Every series of the instance looked at.
async fn scan(metrics: CallMetrics<'_>, span: &Span) -> Result<Option<Observer>, ToolError> {
    let Some(mut reading) = metrics.scan(&span.grid, MOST_SERIES).await? else {
        return Ok(None);
    };
    let mut observer = Observer::new(span);
    while let Some(batch) = reading.next().await? {
        for series in batch {
            observer.add(series);
        }
    }
    Ok(Some(observer))
}

/// Leaves out what the same hour of other days knows too; how many those were.
async fn drop_usual(
    metrics: CallMetrics<'_>,
    observer: &Observer,
    near: &Grid,
    days: &Span,
    moved: &mut Vec<Moved<'_>>,
) -> Result<usize, ToolError> {
    let lasting = |moved: &Moved<'_>| matches!(moved.episode.shape, Shape::Shift | Shape::Slope);
    let mut wanted: Vec<(usize, Wanted)> = Vec::new();
    for moved in moved.iter().filter(|moved| lasting(moved)) {
        let known = wanted.iter().any(|(series, _)| *series == moved.series);
        let Some(unusual) = observer.unusual.get(moved.series).filter(|_| !known) else {
            continue;
        };
        wanted.push((moved.series, unusual.wanted()));
        if wanted.len() == CHECKED {
            break;
        }
    }
    let asked: Vec<Wanted> = wanted.iter().map(|(_, wanted)| wanted.clone()).collect();
    if asked.is_empty() {
        return Ok(0);
    }
    let Some(fetched) = metrics.read(&asked, &days.grid).await? else {
        return Ok(0);
    };
    let before = moved.len();
    moved.retain(|moved| {
        let unusual = observer.unusual.get(moved.series);
        let same = |series: &&storex_series::Series| {
            unusual.is_some_and(|unusual| unusual.id == series.id)
        };
        let series = fetched.series.iter().find(same);
        !series.is_some_and(|series| is_usual(days, series, near, &moved.episode))
    });
    Ok(before - moved.len())
}

/// What the answer tells.
struct Told {
    findings: Vec<Finding>,
    rows: Vec<StoryRow>,
    /// All there are.
    stories: usize,
}

fn told(
    input: &Input,
    observer: &Observer,
    near: &Span,
    moved: &[Moved<'_>],
    silences: &[Silence],
) -> Told {
    let full = input.detail == Detail::Full;
    let (most, series) = if full { FULL } else { CONCISE };
    let most = input.limit.unwrap_or(most).clamp(1, 20);
    let mut stories = stories(&near.grid, moved);
    stories.retain(|story| story.score >= NEWS);
    let telling = Telling {
        instance: &input.instance,
        grid: &near.grid,
        unusual: &observer.unusual,
        moved,
    };
    let mut findings = of_all(&input.instance, observer, near, silences);
    let shown = stories.iter().take(most);
    findings.extend(shown.clone().filter_map(|story| telling.finding(story)));
    findings.sort_by_key(|finding| finding.severity);
    Told {
        findings,
        rows: shown
            .map(|story| telling.row(story, series, full))
            .collect(),
        stories: stories.len(),
    }
}

/// What happened to all series at once.
fn of_all(instance: &str, observer: &Observer, near: &Span, silences: &[Silence]) -> Vec<Finding> {
    let grid = &near.grid;
    let mut findings = Vec::new();
    for restart in observer.restarts() {
        let what = format!(
            "the server was restarted at about {}: most counters began anew",
            grid.at(restart)
        );
        let finding = Finding::new("restarted", Severity::Warning, Confidence::Likely, what);
        let window = json!({
            "instance": instance,
            "from": grid.at(restart.saturating_sub(20)).to_string(),
            "to": grid.at(restart + 1).to_string(),
        });
        findings.push(finding.next("slowlog_errors", window));
    }
    for silence in silences {
        let goes_on = silence.points.end >= near.window.end;
        let until = if goes_on {
            "until now".to_owned()
        } else {
            format!("until {}", grid.at(silence.points.end))
        };
        let what = format!(
            "{} of {} series have no figure from {} {until}: the collector did not run, could not reach the \
             server, or found no connection left",
            silence.silent,
            silence.series,
            grid.at(silence.points.start),
        );
        let severity = if goes_on {
            Severity::Critical
        } else {
            Severity::Warning
        };
        let mut finding = Finding::new("no_figures", severity, Confidence::Certain, what)
            .evidence("points_without_figures", silence.points.len(), "", STORE)
            .next("innodb_pressure", json!({ "instance": instance }));
        if let Some(share) = observer.connections_before(silence.points.start) {
            finding = finding.evidence(
                "connections_used_share_before",
                four_digits(share),
                "",
                STORE,
            );
        }
        findings.push(finding);
    }
    findings
}

fn settings(settings: &[Setting], grid: &Grid, full: bool) -> Vec<SettingRow> {
    let row = |setting: &Setting| SettingRow {
        setting: Untrusted::name(&setting.name),
        from: setting.before,
        to: setting.after,
        at: grid.at(setting.at).to_string(),
    };
    settings
        .iter()
        .take(if full { 30 } else { 8 })
        .map(row)
        .collect()
}

fn headline(name: &Untrusted, observer: &Observer, findings: &[Finding], window: Window) -> String {
    let minutes = window.to.duration_since(window.from).as_secs_f64() / 60.0;
    let series = observer.series;
    if series == 0 {
        return format!("{name} has no figures in these {minutes:.0} min");
    }
    match findings.first() {
        Some(first) => first.statement.clone(),
        None if 2 * observer.without_past > series => format!(
            "too little history to tell what is normal for {} of {series} series of {name}",
            observer.without_past
        ),
        None => format!(
            "none of {series} series of {name} left its normal in {}",
            figure(minutes * 60.0, storex_series::Unit::Seconds)
        ),
    }
}
