//! One plot: its grid, what is shaded, its bands and its lines.

use jiff::Timestamp;
use storex_series::Grid;

use super::layout::PlotPlace;
use super::{Artist, TEXT, ink, opaque};
use crate::canvas::{Anchor, Area};
use crate::chart::{Band, Line};
use crate::font::{self, Weight};
use crate::range::Range;
use crate::theme::{color, dashes};
use crate::ticks;
use crate::trace::runs;

/// Where a moment lies on the time axis: 0 at its first, 1 at its last moment.
pub(super) fn place(grid: &Grid, at: Timestamp) -> f32 {
    let seconds = |at: Timestamp| at.as_millisecond() as f64 / 1e3;
    let (from, to) = (seconds(grid.start()), seconds(ticks::last(grid)));
    // A single moment stands in the middle.
    let place = if to > from {
        (seconds(at) - from) / (to - from)
    } else {
        0.5
    };
    narrow(place.clamp(0.0, 1.0))
}

/// Where a point lies, as [`place`].
fn place_of(grid: &Grid, point: usize) -> f32 {
    match grid.len() {
        0 | 1 => 0.5,
        points => narrow(point as f64 / (points - 1) as f64),
    }
}

impl Artist<'_> {
    /// Draws a panel; the last one bears the times.
    pub(super) fn plot(&mut self, panel: &PlotPlace, is_last: bool) {
        let area = panel.area;
        self.times(area, is_last);
        if let Some(range) = panel.panel.range {
            self.figures(panel, range);
        } else {
            let muted = ink(self.palette.muted);
            let middle = (
                f32::midpoint(area.left, area.right),
                f32::midpoint(area.top, area.bottom) + 5.0,
            );
            self.canvas.text("no data", middle, Anchor::Middle, muted);
        }
        for (from, to) in self.chart.gaps(&panel.panel) {
            let gap = Area {
                left: area.left + area.width() * place_of(&self.chart.grid, from),
                right: area.left + area.width() * place_of(&self.chart.grid, to),
                ..area
            };
            self.gap_over(gap);
        }
        if let Some(incident) = &self.chart.incident {
            let window = Area {
                left: area.left + area.width() * place(&self.chart.grid, incident.from),
                right: area.left + area.width() * place(&self.chart.grid, incident.to),
                ..area
            };
            // An incident shorter than a pixel is seen, too.
            let right = window.right.max(window.left + 2.0);
            self.incident_over(Area { right, ..window });
        }
        let marker = color(self.palette.marker, 0.75);
        for change in &self.chart.changes {
            let x = area.left + area.width() * place(&self.chart.grid, change.at);
            let line = [(x, area.top), (x, area.bottom)];
            self.canvas.line(&line, 1.5, Some([4.0, 3.0]), marker);
        }
        if let Some(range) = panel.panel.range {
            self.lines(panel, range);
        }
        let axis = opaque(self.palette.axis);
        let line = [
            (area.left, area.bottom + 0.5),
            (area.right, area.bottom + 0.5),
        ];
        self.canvas.line(&line, 1.0, None, axis);
    }

    fn times(&mut self, area: Area, is_last: bool) {
        let (grid_color, axis) = (opaque(self.palette.grid), opaque(self.palette.axis));
        let muted = ink(self.palette.muted);
        let mut taken = f32::NEG_INFINITY;
        for tick in ticks::times(&self.chart.grid, 10) {
            let x = (area.left + area.width() * place(&self.chart.grid, tick.at)).round() + 0.5;
            let line = [(x, area.top), (x, area.bottom)];
            self.canvas.line(&line, 1.0, None, grid_color);
            if !is_last {
                continue;
            }
            let below = [(x, area.bottom), (x, area.bottom + 5.0)];
            self.canvas.line(&below, 1.0, None, axis);
            let weight = if tick.strong {
                Weight::Bold
            } else {
                Weight::Regular
            };
            let half = font::width(&tick.label, TEXT, weight) / 2.0;
            let middle = x.clamp(area.left, area.right - half);
            if middle - half > taken + 8.0 {
                let ink = crate::canvas::Ink { weight, ..muted };
                let at = (middle, area.bottom + 20.0);
                self.canvas.text(&tick.label, at, Anchor::Middle, ink);
                taken = middle + half;
            }
        }
    }

    fn figures(&mut self, panel: &PlotPlace, range: Range) {
        let area = panel.area;
        let grid_color = opaque(self.palette.grid);
        let muted = ink(self.palette.muted);
        for tick in &panel.ticks {
            let y = (height(area, range, tick.at)).round() + 0.5;
            self.canvas
                .line(&[(area.left, y), (area.right, y)], 1.0, None, grid_color);
            let at = (area.left - 8.0, y + 5.0);
            self.canvas.text(&tick.label, at, Anchor::Right, muted);
        }
    }

    fn lines(&mut self, panel: &PlotPlace, range: Range) {
        let area = panel.area;
        let of_panel = || panel.panel.lines.iter();
        for number in of_panel() {
            if let Some(Line {
                band: Some(band), ..
            }) = self.chart.lines.get(*number)
            {
                self.band(*number, band, area, range);
            }
        }
        // The first line is drawn last: it is what the chart is about.
        for (beside, number) in of_panel().enumerate().rev() {
            let Some(line) = self.chart.lines.get(*number) else {
                continue;
            };
            let own = opaque(self.palette.line(*number));
            for run in runs(&line.values, columns(area)) {
                let points: Vec<(f32, f32)> = run
                    .iter()
                    .map(|(at, value)| {
                        let x = area.left + area.width() * place_of(&self.chart.grid, *at);
                        (x, height(area, range, *value))
                    })
                    .collect();
                self.canvas.line(&points, 2.0, dashes(beside), own);
            }
        }
    }

    fn band(&mut self, number: usize, band: &Band, area: Area, range: Range) {
        let fill = color(self.palette.line(number), self.palette.band_opacity);
        let edge = color(self.palette.line(number), self.palette.band_opacity * 2.0);
        // A side is known only where the other is.
        let both = |side: &[f64], other: &[f64]| -> Vec<f64> {
            let pairs = side.iter().zip(other);
            pairs
                .map(|(own, other)| if other.is_finite() { *own } else { f64::NAN })
                .collect()
        };
        let lower = runs(&both(&band.lower, &band.upper), usize::MAX);
        let upper = runs(&both(&band.upper, &band.lower), usize::MAX);
        for (lower, upper) in lower.iter().zip(&upper) {
            let draw = |run: &[(usize, f64)]| -> Vec<(f32, f32)> {
                run.iter()
                    .map(|(at, value)| {
                        let x = area.left + area.width() * place_of(&self.chart.grid, *at);
                        (x, height(area, range, *value).clamp(area.top, area.bottom))
                    })
                    .collect()
            };
            let (lower, upper) = (draw(lower), draw(upper));
            let around: Vec<(f32, f32)> = upper
                .iter()
                .copied()
                .chain(lower.iter().rev().copied())
                .collect();
            self.canvas.polygon(&around, fill);
            self.canvas.line(&lower, 1.0, None, edge);
            self.canvas.line(&upper, 1.0, None, edge);
        }
    }

    pub(super) fn incident_over(&mut self, area: Area) {
        let shade = color(self.palette.incident, self.palette.incident_opacity);
        self.canvas.fill(area, shade);
        let edge = color(self.palette.incident, 0.9);
        for x in [area.left, area.right] {
            let line = [(x, area.top), (x, area.bottom)];
            self.canvas.line(&line, 1.5, None, edge);
        }
    }

    pub(super) fn gap_over(&mut self, area: Area) {
        let hatch = opaque(self.palette.hatch);
        self.canvas.hatch(area, hatch);
    }
}

/// How far down a figure is drawn.
fn height(area: Area, range: Range, value: f64) -> f32 {
    area.bottom - area.height() * narrow(range.place(value))
}

/// Columns of pixels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a width in pixels, between nothing and a thousand"
)]
fn columns(area: Area) -> usize {
    area.width().max(1.0) as usize
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a share of a width or height"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}
