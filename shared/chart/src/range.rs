//! What part of the figures an axis shows.

use crate::chart::Line;

/// From the lowest to the highest figure shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Range {
    pub(crate) fn span(self) -> f64 {
        self.high - self.low
    }

    /// Where a figure lies: 0 at the low end, 1 at the high end. Beyond both it goes on a little.
    pub(crate) fn place(self, value: f64) -> f64 {
        ((value - self.low) / self.span()).clamp(-1.0, 2.0)
    }

    /// The lowest and the highest of what there is.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let there = values.into_iter().filter(|value| value.is_finite());
        there.fold(None, |range: Option<Self>, value| {
            let range = range.unwrap_or(Self {
                low: value,
                high: value,
            });
            Some(Self {
                low: range.low.min(value),
                high: range.high.max(value),
            })
        })
    }

    /// What the axis of these lines shows: all their figures, the bands as far as they do not dwarf them,
    /// and nought where that is near. `None` where there is no figure.
    pub(crate) fn shown(lines: &[&Line]) -> Option<Self> {
        let figures = Self::of(lines.iter().flat_map(|line| line.values.iter().copied()))?;
        let bands = lines.iter().filter_map(|line| line.band.as_ref());
        let edges = bands.flat_map(|band| band.lower.iter().chain(&band.upper).copied());
        let room = figures
            .span()
            .max(figures.high.abs().max(figures.low.abs()) * 0.5);
        let Self { mut low, mut high } = match Self::of(edges) {
            Some(bands) => Self {
                low: figures.low.min(bands.low.max(figures.low - room)),
                high: figures.high.max(bands.high.min(figures.high + room)),
            },
            None => figures,
        };
        // Figures far from nought that hardly move are shown close up: free memory, room on disk.
        let near_nought = figures.low >= 0.0 && figures.low < 0.6 * figures.high;
        if figures.low >= 0.0 && (near_nought || low <= 0.0) {
            low = 0.0;
        }
        if high <= low {
            // All alike: nought is shown beside them.
            let top = if high == 0.0 {
                1.0
            } else {
                (high * 1.2).max(0.0)
            };
            return Some(Self {
                low: (low * 1.2).min(0.0),
                high: top,
            });
        }
        let pad = (high - low) * 0.06;
        high += pad;
        if low != 0.0 {
            low -= pad;
        }
        Some(Self { low, high })
    }
}

#[cfg(test)]
mod tests {
    use storex_series::{Kind, Series, SeriesId, Unit};

    use super::*;
    use crate::chart::Band;

    fn line(values: &[f64]) -> Line {
        Line::of(&Series {
            id: SeriesId::named("x"),
            kind: Kind::Gauge,
            unit: Unit::Count,
            values: values.to_vec(),
        })
    }

    #[test]
    fn nought_is_shown_where_it_is_near() {
        let near = Range::shown(&[&line(&[10.0, 100.0, f64::NAN])]).unwrap();
        assert!(near.low.abs() < f64::EPSILON);
        let far = Range::shown(&[&line(&[980.0, 1_000.0])]).unwrap();
        assert!(far.low > 900.0 && far.high > 1_000.0);
        let below = Range::shown(&[&line(&[-5.0, 5.0])]).unwrap();
        assert!(below.low < -5.0);
    }

    #[test]
    fn a_wide_band_does_not_dwarf_the_figures() {
        let band = Band {
            lower: vec![0.0; 2],
            upper: vec![1e9; 2],
        };
        let range = Range::shown(&[&line(&[10.0, 100.0]).with_band(band)]).unwrap();
        assert!(range.high < 250.0, "{range:?}");
    }

    #[test]
    fn figures_that_do_not_move_have_an_axis_too() {
        for value in [0.0, 5.0, -5.0] {
            let range = Range::shown(&[&line(&[value, value])]).unwrap();
            assert!(range.low < range.high && (0.0..=1.0).contains(&range.place(value)));
        }
        assert_eq!(Range::shown(&[&line(&[f64::NAN])]), None);
    }
}
