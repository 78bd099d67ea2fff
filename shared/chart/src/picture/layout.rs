//! Where everything stands, worked out before anything is drawn.

use storex_series::Unit;

use super::flow::{Placed, flow};
use super::{
    BETWEEN_PANELS, HEAD, MARGIN, MARK, MOST_LABEL, ROW, SAMPLE, TEXT, TIME_AXIS, WIDTH, plot,
};
use crate::canvas::Area;
use crate::chart::Chart;
use crate::figure::figure;
use crate::font::{self, Weight};
use crate::panel::{Panel, panels};
use crate::ticks::{self, Tick, utc};
use crate::trace;

/// Where everything stands.
pub(super) struct Layout {
    pub(super) height: f32,
    pub(super) plots: Vec<PlotPlace>,
    pub(super) key: Vec<Placed>,
    pub(super) key_top: f32,
    pub(super) marks: Vec<Mark>,
}

/// Where a panel stands.
pub(super) struct PlotPlace {
    pub(super) panel: Panel,
    pub(super) ticks: Vec<Tick<f64>>,
    pub(super) legend: Vec<Placed>,
    pub(super) legend_top: f32,
    pub(super) area: Area,
}

/// Where a change is marked.
pub(super) struct Mark {
    pub(super) x: f32,
    pub(super) lane: u8,
}

/// A word of the key.
pub(super) enum Key {
    Incident(String),
    NoData,
    Band,
    Change(usize, String),
    More(usize),
}

impl Chart {
    pub(super) fn layout(&self) -> Layout {
        let panels = panels(&self.lines);
        let plot_height = match panels.len() {
            1 => 280.0,
            2 => 150.0,
            3 => 120.0,
            _ => 100.0,
        };
        let wanted = if panels.len() == 1 { 5 } else { 3 };
        let scaled: Vec<(Panel, Vec<Tick<f64>>)> = panels
            .into_iter()
            .map(|panel| {
                let ticks = panel
                    .range
                    .map(|range| ticks::values(range, panel.unit, wanted));
                (panel, ticks.unwrap_or_default())
            })
            .collect();
        let labels = scaled.iter().flat_map(|(_, ticks)| ticks);
        let widest = labels
            .map(|tick| font::width(&tick.label, TEXT, Weight::Regular))
            .fold(0.0, f32::max);
        let left = MARGIN + widest + 10.0;
        let right = WIDTH - MARGIN;
        let marks = self.marks(left, right);
        let lanes = marks.iter().map(|mark| mark.lane + 1).max().unwrap_or(0);
        let mut top = HEAD;
        let mut plots = Vec::new();
        for (panel, ticks) in scaled {
            let legend = flow(&self.legend(&panel), WIDTH - 2.0 * MARGIN);
            let rows = legend.iter().map(|word| word.row + 1).max().unwrap_or(0);
            let legend_top = top;
            top += f32::from(rows) * ROW + 6.0;
            if plots.is_empty() {
                top += f32::from(lanes) * (2.0 * MARK + 2.0);
            }
            let area = Area {
                left,
                top,
                right,
                bottom: top + plot_height,
            };
            top = area.bottom + BETWEEN_PANELS;
            plots.push(PlotPlace {
                panel,
                ticks,
                legend,
                legend_top,
                area,
            });
        }
        let key_top = top - BETWEEN_PANELS + TIME_AXIS;
        let widths: Vec<f32> = self.key(&plots).iter().map(Key::width).collect();
        let key = flow(&widths, WIDTH - 2.0 * MARGIN);
        let rows = key.iter().map(|word| word.row + 1).max().unwrap_or(0);
        Layout {
            height: key_top + f32::from(rows) * ROW + 14.0,
            plots,
            key,
            key_top,
            marks,
        }
    }

    /// The widths of the words of a panel's legend.
    fn legend(&self, panel: &Panel) -> Vec<f32> {
        let lines = panel
            .lines
            .iter()
            .filter_map(|number| self.lines.get(*number));
        lines
            .map(|line| {
                let label = font::width(&line.label, TEXT, Weight::Regular).min(MOST_LABEL);
                let last = font::width(&self.last(&line.values, line.unit), TEXT, Weight::Bold);
                SAMPLE + label + 8.0 + last + 26.0
            })
            .collect()
    }

    /// The last figure of a line, and since when there is none where it has ended.
    pub(super) fn last(&self, values: &[f64], unit: Unit) -> String {
        match values.iter().rposition(|value| value.is_finite()) {
            None => "no data".to_owned(),
            Some(at) if at + 1 < values.len() => {
                format!("none since {}", utc(self.grid.at(at + 1), "%H:%M"))
            }
            Some(at) => figure(values.get(at).copied().unwrap_or(f64::NAN), unit),
        }
    }

    pub(super) fn key(&self, plots: &[PlotPlace]) -> Vec<Key> {
        let mut key = Vec::new();
        if let Some(incident) = &self.incident {
            let (from, to) = (utc(incident.from, "%H:%M"), utc(incident.to, "%H:%M"));
            key.push(Key::Incident(format!("incident {from} to {to}")));
        }
        if self.lines.iter().any(|line| line.band.is_some()) {
            key.push(Key::Band);
        }
        if plots.iter().any(|plot| !self.gaps(&plot.panel).is_empty()) {
            key.push(Key::NoData);
        }
        let changes = self.changes.iter().zip(1..);
        key.extend(changes.map(|(change, number)| {
            Key::Change(
                number,
                format!("{} {}", utc(change.at, "%H:%M"), change.label),
            )
        }));
        if self.more_changes > 0 {
            key.push(Key::More(self.more_changes));
        }
        key
    }

    /// Where no line of a panel has a figure.
    pub(super) fn gaps(&self, panel: &Panel) -> Vec<(usize, usize)> {
        let lines = panel
            .lines
            .iter()
            .filter_map(|number| self.lines.get(*number));
        let values: Vec<&[f64]> = lines.map(|line| line.values.as_slice()).collect();
        trace::gaps(&values)
    }

    /// Changes near each other are marked above each other.
    fn marks(&self, left: f32, right: f32) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for change in &self.changes {
            let x = left + (right - left) * plot::place(&self.grid, change.at);
            let taken = |lane: &u8| {
                let near =
                    |mark: &Mark| mark.lane == *lane && (mark.x - x).abs() < 2.0 * MARK + 2.0;
                !marks.iter().any(near)
            };
            let lane = (0..3).find(taken).unwrap_or(2);
            marks.push(Mark { x, lane });
        }
        marks
    }
}

impl Key {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Incident(text) | Self::Change(_, text) => text.clone(),
            Self::NoData => "no data".to_owned(),
            Self::Band => "normal range".to_owned(),
            Self::More(count) => format!("and {count} more changes"),
        }
    }

    fn width(&self) -> f32 {
        SAMPLE + font::width(&self.text(), TEXT, Weight::Regular) + 22.0
    }
}
