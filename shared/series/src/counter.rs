//! Counters to differences per second.

use crate::{Grid, Kind, Series};

/// A fall to more than this share of the figure before it is a correction, not a restart.
const CORRECTION: f64 = 0.9;

/// What a counter says.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// How much it grew per second up to each moment, as a gauge.
    pub series: Series,
    /// The points at which it had started anew: what counts was restarted, or its counters were reset.
    pub resets: Vec<usize>,
}

impl Series {
    /// Differences per second of a counter; a gauge as it is.
    ///
    /// A point has a figure if it and the one before it were counted: what happened in a gap cannot be
    /// told from what happened right after it, and a burst that was never seen must not be drawn. A fall
    /// starts anew: there is no figure for it, for how much was counted before the fall is not known.
    #[must_use]
    pub fn per_second(mut self, grid: &Grid) -> Rates {
        if self.kind == Kind::Gauge {
            return Rates {
                series: self,
                resets: Vec::new(),
            };
        }
        let step = f64::from(grid.step().seconds());
        let mut resets = Vec::new();
        let mut before = f64::NAN;
        // The last figure there was, also across a gap: a restart is often seen as one.
        let mut last = f64::NAN;
        for (point, value) in self.values.iter_mut().enumerate() {
            let now = *value;
            if now < last * CORRECTION {
                resets.push(point);
            }
            let grown = (now - before) / step;
            *value = if now >= before && grown.is_finite() {
                grown
            } else {
                f64::NAN
            };
            before = now;
            if now.is_finite() {
                last = now;
            }
        }
        self.kind = Kind::Gauge;
        self.unit = self.unit.per_second();
        Rates {
            series: self,
            resets,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{SeriesId, Step, Unit};

    fn rates(values: &[f64]) -> Rates {
        let to = Timestamp::from_second(10 * i64::try_from(values.len()).unwrap()).unwrap();
        let grid = Grid::new(Timestamp::UNIX_EPOCH, to, Step::of(10));
        let counter = Series {
            id: SeriesId::named("questions"),
            kind: Kind::Counter,
            unit: Unit::Count,
            values: values.to_vec(),
        };
        counter.per_second(&grid)
    }

    fn shown(rates: &Rates) -> String {
        format!("{:?}", rates.series.values)
    }

    #[test]
    fn a_counter_is_told_per_second_from_its_second_figure_on() {
        let found = rates(&[100.0, 120.0, 120.0, 170.0]);
        assert_eq!(shown(&found), "[NaN, 2.0, 0.0, 5.0]");
        assert_eq!(
            (found.series.kind, found.series.unit),
            (Kind::Gauge, Unit::PerSecond)
        );
    }

    #[test]
    fn what_was_counted_in_a_gap_makes_no_spike_after_it() {
        let found = rates(&[100.0, 120.0, f64::NAN, f64::NAN, 9_000.0, 9_020.0]);
        assert_eq!(shown(&found), "[NaN, 2.0, NaN, NaN, NaN, 2.0]");
        assert!(found.resets.is_empty());
    }

    #[test]
    fn a_fall_starts_anew_and_is_told() {
        let found = rates(&[1_000.0, 1_020.0, 30.0, 50.0, f64::NAN, 10.0, 20.0]);
        assert_eq!(shown(&found), "[NaN, 2.0, NaN, 2.0, NaN, NaN, 1.0]");
        assert_eq!(found.resets, [2, 5]);
    }

    #[test]
    fn a_small_correction_is_no_restart() {
        let found = rates(&[1_000.0, 999.0, 1_019.0]);
        assert_eq!(shown(&found), "[NaN, NaN, 2.0]");
        assert!(found.resets.is_empty());
    }

    proptest! {
        #[test]
        fn rates_are_never_negative_nor_infinite(values in prop::collection::vec(prop::num::f64::ANY, 0..40)) {
            for rate in rates(&values).series.values {
                prop_assert!(rate.is_nan() || (rate >= 0.0 && rate.is_finite()));
            }
        }
    }
}
