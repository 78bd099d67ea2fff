//! What was found in each series of an instance, and what happened to all of them at once. Pure.

use std::ops::Range;

use storex_series::{
    Analyst, Baseline, Basis, Direction, Episode, Kind, Margin, Moved, Series, SeriesId, Shape,
    Silence, Together, Unit,
};
use storex_sources::{Golden, Signal, Wanted, Worse, signal};

use crate::span::Span;

/// What exporters name the server's settings by.
const SETTINGS: &str = "mysql_global_variables_";
/// What collectors tell of themselves.
const COLLECTOR: [&str; 7] = [
    "go_",
    "process_",
    "promhttp_",
    "scrape_",
    "mysql_exporter_",
    "mysqld_exporter_",
    "node_scrape_",
];
/// The signal that tells whether connections were used up before figures went missing.
const CONNECTIONS: &str = "connections_used_share";

/// A series that left its normal.
#[derive(Debug)]
pub(crate) struct Unusual {
    /// What it is called.
    pub(crate) id: SeriesId,
    /// The signal it is, where it is one.
    pub(crate) signal: Option<&'static Signal>,
    /// What it is in.
    pub(crate) unit: Unit,
    /// What is normal for it.
    pub(crate) baseline: Baseline,
    /// When it was not.
    pub(crate) episodes: Vec<Episode>,
    scores: Vec<f32>,
}

impl Unusual {
    /// How it is asked for again.
    pub(crate) fn wanted(&self) -> Wanted {
        self.signal
            .map_or_else(|| Wanted::Named(self.id.clone()), Wanted::Signal)
    }
}

/// A setting that changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    /// As the server calls it.
    pub(crate) name: String,
    /// Before.
    pub(crate) before: f64,
    /// After.
    pub(crate) after: f64,
    /// The first point with the new value.
    pub(crate) at: usize,
}

/// Looks at series after series.
pub(crate) struct Observer {
    window: Range<usize>,
    grid: storex_series::Grid,
    analyst: Analyst,
    together: Together,
    /// What was found so far.
    pub(crate) unusual: Vec<Unusual>,
    /// Settings that changed.
    pub(crate) settings: Vec<Setting>,
    /// Series with figures.
    pub(crate) series: usize,
    /// Of these, those with too short a past to know their normal by.
    pub(crate) without_past: usize,
    connections: Vec<f64>,
}

impl Observer {
    pub(crate) fn new(span: &Span) -> Self {
        Self {
            window: span.window.clone(),
            grid: span.grid,
            analyst: Analyst::new(&span.grid, span.window.clone()),
            together: Together::new(span.window.clone()),
            unusual: Vec::new(),
            settings: Vec::new(),
            series: 0,
            without_past: 0,
            connections: Vec::new(),
        }
    }

    /// Takes a series in.
    pub(crate) fn add(&mut self, series: Series) {
        let is_counter = series.kind == Kind::Counter;
        let rates = series.per_second(&self.grid);
        let series = rates.series;
        if series.values.iter().all(|value| !value.is_finite()) {
            return;
        }
        self.series += 1;
        self.together.add(&series.values);
        if is_counter {
            self.together.add_resets(&rates.resets);
        }
        if let Some(name) = series.id.name.strip_prefix(SETTINGS) {
            self.settings
                .extend(changes(name, &series.values, &self.window));
            return;
        }
        if series.id.name == CONNECTIONS {
            self.connections.clone_from(&series.values);
        }
        let analysis = self
            .analyst
            .analyse(&series.values, Margin::of(series.unit));
        if analysis.baseline.basis == Basis::None {
            self.without_past += 1;
        }
        if !analysis.episodes.is_empty() {
            self.unusual.push(Unusual {
                signal: signal(&series.id.name),
                id: series.id,
                unit: series.unit,
                baseline: analysis.baseline,
                episodes: analysis.episodes,
                scores: analysis.scores,
            });
        }
    }

    /// Times in which most series had no figures.
    pub(crate) fn silences(&self) -> Vec<Silence> {
        self.together.silences()
    }

    /// Points at which the server had started anew.
    pub(crate) fn restarts(&self) -> Vec<usize> {
        self.together.restarts()
    }

    /// The share of connections in use right before a point, where it is known.
    pub(crate) fn connections_before(&self, point: usize) -> Option<f64> {
        let before = self.connections.get(..point)?;
        before
            .iter()
            .rev()
            .take(3)
            .copied()
            .find(|value| value.is_finite())
    }

    /// Every episode as the ranking takes it, without what only says that all figures were missing.
    pub(crate) fn moved(&self, silences: &[Silence]) -> Vec<Moved<'_>> {
        let mut moved = Vec::new();
        for (series, unusual) in self.unusual.iter().enumerate() {
            for episode in &unusual.episodes {
                let says_silence = matches!(episode.shape, Shape::Gap | Shape::Flat)
                    && silences.iter().any(|silence| {
                        let points = episode.points(self.window.end);
                        points.start < silence.points.end + 2 && silence.points.start < points.end
                    });
                if !says_silence {
                    moved.push(Moved {
                        series,
                        episode: *episode,
                        scores: &unusual.scores,
                        weight: weight(unusual),
                        worse: unusual.signal.and_then(worse),
                    });
                }
            }
        }
        moved
    }
}

/// How telling a series is.
fn weight(unusual: &Unusual) -> f64 {
    match unusual.signal.map(|signal| signal.golden) {
        Some(Golden::Availability) => 1.5,
        Some(Golden::Errors | Golden::Latency) => 1.3,
        Some(Golden::Saturation | Golden::Replication) => 1.2,
        Some(Golden::Connections | Golden::Cpu | Golden::Io) => 1.0,
        Some(Golden::Load) => 0.9,
        Some(Golden::Throughput | Golden::Host) => 0.8,
        None if of_the_collector(&unusual.id.name) => 0.1,
        None => 0.4,
    }
}

fn of_the_collector(name: &str) -> bool {
    COLLECTOR.iter().any(|prefix| name.starts_with(prefix))
}

fn worse(signal: &Signal) -> Option<Direction> {
    match signal.worse {
        Worse::Up => Some(Direction::Up),
        Worse::Down => Some(Direction::Down),
        Worse::Both => None,
    }
}

/// Where a setting changed within the window. A setting says the same until somebody sets it.
fn changes(name: &str, values: &[f64], window: &Range<usize>) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut before = f64::NAN;
    for (point, value) in values.iter().enumerate() {
        if !value.is_finite() {
            continue;
        }
        let differs = before.is_finite() && before.total_cmp(value).is_ne();
        if differs && window.contains(&point) {
            found.push(Setting {
                name: name.to_owned(),
                before,
                after: *value,
                at: point,
            });
        }
        before = *value;
    }
    // A counter among the variables (`gtid_executed`, a timestamp) is no setting.
    if found.len() > 3 { Vec::new() } else { found }
}
