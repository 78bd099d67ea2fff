//! What is normal for a series at each moment of a window, from what came before it.
//!
//! The structure is that of Grafana's anomaly detection in `PromQL`
//! (<https://github.com/grafana/promql-anomaly-detection>): a band from the last day, a band from the same
//! time of other days or weeks where the series has such a rhythm, and a margin that is never undercut.
//! Centre and spread are order statistics, so that the incident of last week does not make this one
//! normal; the spread is measured to either side by itself, for figures of load and latency are skewed.

mod basis;
mod margin;
mod season;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::Grid;
use crate::robust::{DECILE, QUARTILE, finite_into, median, quantile};

pub use basis::Basis;
pub use margin::Margin;
use season::Seasonal;

/// Half the width of the band, in spreads.
pub const WIDTH: f64 = 4.0;

/// Figures below which nothing is said.
const FEWEST: usize = 8;
/// Points that are looked at at least, though they be more than a day.
const RECENT: usize = 60;
/// Figures that are looked at at most: more hardly move a quantile.
const SAMPLE: usize = 2_000;

/// What is normal at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// The middle of what is usual.
    pub centre: f64,
    /// A standard deviation below it, or what stands for one.
    pub below: f64,
    /// The same above it.
    pub above: f64,
}

impl Normal {
    /// The lower edge of the band.
    pub fn lower(&self) -> f64 {
        self.centre - WIDTH * self.below
    }

    /// The upper edge of the band.
    pub fn upper(&self) -> f64 {
        self.centre + WIDTH * self.above
    }

    /// How far a figure is from the centre, in spreads to its side. NaN for a gap.
    pub fn score(&self, figure: f64) -> f64 {
        let away = figure - self.centre;
        let spread = if away < 0.0 { self.below } else { self.above };
        if away == 0.0 { 0.0 } else { away / spread }
    }

    /// Of these figures, none of them NaN. Deciles count as well as quartiles, so that what happens once
    /// in ten times widens the band, and what happened once does not.
    fn of(figures: &mut [f64], margin: f64) -> Self {
        let centre = median(figures);
        let below = ((centre - quantile(figures, 0.25)) / QUARTILE)
            .max((centre - quantile(figures, 0.1)) / DECILE);
        let above = ((quantile(figures, 0.75) - centre) / QUARTILE)
            .max((quantile(figures, 0.9) - centre) / DECILE);
        let least = margin / WIDTH;
        Self {
            centre,
            below: below.max(least),
            above: above.max(least),
        }
    }
}

/// What is normal for a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// What it was taken from.
    pub basis: Basis,
    /// How many figures that were.
    pub figures: usize,
    rhythm: Rhythm,
}

#[derive(Debug, Clone, PartialEq)]
enum Rhythm {
    None,
    Steady(Normal),
    Seasonal(Seasonal),
}

impl Baseline {
    /// From the figures of a series before `window`.
    pub(crate) fn new(
        grid: &Grid,
        values: &[f64],
        window: &Range<usize>,
        margin: Margin,
        room: &mut Vec<f64>,
    ) -> Self {
        let past = values.get(..window.start).unwrap_or(values);
        let floor = margin::of_range(past, room);
        match Seasonal::strongest(grid, past, margin, floor, room) {
            Some(seasonal) => Self {
                basis: seasonal.basis(),
                figures: seasonal.figures(),
                rhythm: Rhythm::Seasonal(seasonal),
            },
            None => Self::recent(grid, past, margin, floor, room),
        }
    }

    fn recent(grid: &Grid, past: &[f64], margin: Margin, floor: f64, room: &mut Vec<f64>) -> Self {
        let day = (86_400 / grid.step().seconds().max(1) as usize).max(RECENT);
        let from = past.len().saturating_sub(day);
        let last = past.get(from..).unwrap_or_default();
        finite_into(sampled(last), room);
        if room.len() < FEWEST {
            return Self {
                basis: Basis::None,
                figures: room.len(),
                rhythm: Rhythm::None,
            };
        }
        let first = last.iter().position(|value| value.is_finite()).unwrap_or(0);
        let centre = median(room);
        Self {
            basis: Basis::Recent {
                time: grid.time_of(last.len() - first),
            },
            figures: room.len(),
            rhythm: Rhythm::Steady(Normal::of(room, margin.around(centre).max(floor))),
        }
    }

    /// What is normal at a point of the grid; `None` without history.
    pub fn at(&self, point: usize) -> Option<Normal> {
        match &self.rhythm {
            Rhythm::None => None,
            Rhythm::Steady(normal) => Some(*normal),
            Rhythm::Seasonal(seasonal) => Some(seasonal.at(point)),
        }
    }
}

/// At most so many of the figures, evenly.
pub(crate) fn sampled(figures: &[f64]) -> impl Iterator<Item = f64> {
    figures
        .iter()
        .copied()
        .step_by(figures.len().div_ceil(SAMPLE).max(1))
}
