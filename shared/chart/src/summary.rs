//! A chart in words and block characters, for those who see no picture.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::chart::{Chart, Line};
use crate::figure::figure;
use crate::range::Range;
use crate::ticks::utc;

/// Characters of a series' shape.
const SHAPE_CHARS: usize = 32;
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// A stretch without a figure.
const GAP: char = '·';

/// What a line shows. Figures are in the unit of the series; none where it has no figure at all.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Summary<L> {
    /// The line's label.
    pub series: L,
    /// What its figures are in; empty for things.
    pub unit: &'static str,
    /// The lowest figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The middle one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<f64>,
    /// The highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The one at the end of the window; none where the store has none for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<f64>,
    /// Moments of the window without a figure.
    #[serde(skip_serializing_if = "is_nought")]
    pub points_missing: usize,
    /// Its course from its lowest to its highest figure, `·` where it has none.
    pub shape: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_nought(count: &usize) -> bool {
    *count == 0
}

impl Chart {
    /// What each line shows, in their order. A label may have come from a store: it is cleaned for a
    /// picture and not marked, so `mark` says how an answer bears it.
    pub fn summaries<L>(&self, mark: impl Fn(&str) -> L) -> Vec<Summary<L>> {
        self.lines
            .iter()
            .map(|line| line.summary(mark(&line.label)))
            .collect()
    }

    /// The chart as text for a person: a line for each series, the incident, the changes. Labels are cleaned
    /// and not marked.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n{}\n", self.title, self.window());
        for line in &self.lines {
            let tell = |value: Option<f64>| figure(value.unwrap_or(f64::NAN), line.unit);
            let summary = line.summary(&line.label);
            let _infallible = writeln!(
                out,
                "{}  {}  min {}, median {}, max {}, last {}",
                summary.shape,
                summary.series,
                tell(summary.min),
                tell(summary.median),
                tell(summary.max),
                tell(summary.last),
            );
        }
        if let Some(incident) = &self.incident {
            let (from, to) = (utc(incident.from, "%H:%M"), utc(incident.to, "%H:%M"));
            let _infallible = writeln!(out, "incident: {from} to {to} UTC");
        }
        for change in &self.changes {
            let at = utc(change.at, "%H:%M");
            let _infallible = writeln!(out, "change: {at} UTC {}", change.label);
        }
        if self.more_changes > 0 {
            let _infallible = writeln!(out, "and {} more changes", self.more_changes);
        }
        out
    }

    /// The times covered, in words.
    pub(crate) fn window(&self) -> String {
        let (from, to) = (self.grid.start(), self.grid.end());
        let day = |at| utc(at, "%Y-%m-%d");
        let to_format = if day(from) == day(to) {
            "%H:%M"
        } else {
            "%Y-%m-%d %H:%M"
        };
        format!(
            "{} to {} UTC, a point every {}",
            utc(from, "%Y-%m-%d %H:%M"),
            utc(to, to_format),
            every(self.grid.step().seconds())
        )
    }
}

/// A step in words: `15 s`, `1 min`.
fn every(seconds: u32) -> String {
    match seconds {
        s if s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

impl Line {
    fn summary<L>(&self, label: L) -> Summary<L> {
        let mut there: Vec<f64> = self
            .values
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .collect();
        there.sort_by(f64::total_cmp);
        let last = self
            .values
            .last()
            .copied()
            .filter(|value| value.is_finite());
        Summary {
            series: label,
            unit: self.unit.as_str(),
            min: there.first().copied().map(short),
            median: median(&there).map(short),
            max: there.last().copied().map(short),
            last: last.map(short),
            points_missing: self.values.len() - there.len(),
            shape: shape(&self.values),
        }
    }
}

/// The middle of sorted figures.
fn median(sorted: &[f64]) -> Option<f64> {
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

/// Four digits: more tell a reader nothing.
pub(crate) fn short(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// The course of a series: the mean of each stretch, between the lowest and the highest of them.
fn shape(values: &[f64]) -> String {
    let each = values.len().div_ceil(SHAPE_CHARS).max(1);
    let means: Vec<f64> = values
        .chunks(each)
        .map(|stretch| {
            let there = stretch.iter().filter(|value| value.is_finite());
            let (sum, count) = there.fold((0.0, 0_u32), |(sum, count), v| (sum + v, count + 1));
            sum / f64::from(count)
        })
        .collect();
    let Some(range) = Range::of(means.iter().copied()) else {
        return GAP.to_string().repeat(means.len());
    };
    let step = if range.span() > 0.0 {
        range.span()
    } else {
        1.0
    };
    let block = |mean: &f64| {
        let place = (mean - range.low) / step * 8.0;
        let block = BLOCKS
            .iter()
            .zip(1..)
            .find(|(_, above)| place < f64::from(*above))
            .map_or(BLOCKS.last(), |(block, _)| Some(block));
        if mean.is_finite() {
            block.copied().unwrap_or(GAP)
        } else {
            GAP
        }
    };
    means.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use storex_series::{Grid, Kind, Series, SeriesId, Step, Unit};

    use super::*;
    use crate::chart::{Change, Incident};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_chart_reads_without_a_picture() {
        let mut values: Vec<f64> = (0..30).map(f64::from).collect();
        values[10] = f64::NAN;
        values[11] = f64::NAN;
        let line = Line::of(&Series {
            id: SeriesId::named("bytes_sent_per_s"),
            kind: Kind::Gauge,
            unit: Unit::BytesPerSecond,
            values: values.iter().map(|v| v * 1_048_576.0).collect(),
        });
        let grid = Grid::new(
            at("2026-11-23T12:00:00Z"),
            at("2026-11-23T12:30:00Z"),
            Step::MINUTE,
        );
        let incident = Incident {
            from: at("2026-11-23T12:10:00Z"),
            to: at("2026-11-23T12:12:00Z"),
        };
        let change = Change::new(at("2026-11-23T12:09:00Z"), "deploy\u{202e} v42");
        let chart = Chart::new("Throughput of db1", grid, vec![line]).unwrap();
        let chart = chart.with_incident(incident).with_changes(vec![change]);
        assert_eq!(
            chart.text(),
            "Throughput of db1\n\
             2026-11-23 12:00 to 12:30 UTC, a point every 1 min\n\
             ▁▁▁▁▂▂▂▂▃▃··▄▄▄▅▅▅▅▆▆▆▇▇▇▇████  bytes_sent_per_s  min 0 B/s, median 15.5 MiB/s, \
             max 29.0 MiB/s, last 29.0 MiB/s\n\
             incident: 12:10 to 12:12 UTC\n\
             change: 12:09 UTC deploy v42\n"
        );
        assert_eq!(chart.summaries(str::to_owned)[0].points_missing, 2);
    }

    #[test]
    fn a_series_without_a_figure_says_so() {
        assert_eq!(shape(&[f64::NAN; 3]), "···");
        assert_eq!(shape(&[2.0; 3]), "▁▁▁");
        assert_eq!(shape(&[0.0; 100]).chars().count(), 25);
    }
}
