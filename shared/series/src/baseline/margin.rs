//! How far a figure may go without being worth a word, whatever its spread.

use crate::Unit;
use crate::robust::{finite_into, quantile};

use super::sampled;

/// Of the centre.
const RELATIVE: f64 = 0.1;
/// Of what the series ever covered.
const OF_RANGE: f64 = 0.02;

/// A floor below the band's half width. A spread alone fails on flat series: the median absolute deviation
/// of a gauge that says 3 for a week is nought, and 4 would be infinitely unusual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// As a share of the centre.
    pub relative: f64,
    /// In the unit of the series.
    pub absolute: f64,
}

impl Margin {
    /// Without a unit: relative only.
    pub const RELATIVE: Self = Self {
        relative: RELATIVE,
        absolute: 0.0,
    };

    /// What does not matter in that unit.
    pub const fn of(unit: Unit) -> Self {
        let absolute = match unit {
            Unit::Count => 1.0,
            Unit::PerSecond => 0.2,
            Unit::Seconds => 0.001,
            Unit::Bytes => 1_048_576.0,
            Unit::BytesPerSecond => 16_384.0,
            Unit::Share => 0.03,
        };
        Self {
            relative: RELATIVE,
            absolute,
        }
    }

    /// Around a centre.
    pub(crate) fn around(self, centre: f64) -> f64 {
        (self.relative * centre.abs()).max(self.absolute)
    }
}

/// What a history's range makes of a margin: a share of it, without the most extreme hundredths.
pub(super) fn of_range(past: &[f64], room: &mut Vec<f64>) -> f64 {
    finite_into(sampled(past), room);
    let range = quantile(room, 0.99) - quantile(room, 0.01);
    if range.is_finite() {
        OF_RANGE * range
    } else {
        0.0
    }
}
