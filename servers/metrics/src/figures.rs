//! What a stretch of one series comes to.

/// The figures of a series in short. All NaN means there was none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    /// The latest, with its place.
    pub(crate) last: Option<(usize, f64)>,
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
    /// Moments without a figure.
    pub(crate) gaps: usize,
}

impl Summary {
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        known.sort_unstable_by(f64::total_cmp);
        let at = |place: usize| known.get(place).copied();
        let middle = known.len() / 2;
        let median = match (at(middle), middle.checked_sub(1).and_then(at)) {
            (Some(upper), Some(lower)) if known.len().is_multiple_of(2) => {
                f64::midpoint(lower, upper)
            }
            (Some(one), _) => one,
            (None, _) => f64::NAN,
        };
        let last = values.iter().copied().enumerate();
        Self {
            last: last.rev().find(|(_, value)| !value.is_nan()),
            min: known.first().copied().unwrap_or(f64::NAN),
            median,
            max: known.last().copied().unwrap_or(f64::NAN),
            gaps: values.len() - known.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_counted_and_left_out_of_the_figures() {
        let summary = Summary::of(&[4.0, f64::NAN, 1.0, 2.0, 3.0, f64::NAN]);
        assert_eq!(summary.last, Some((4, 3.0)));
        assert_eq!((summary.min, summary.max), (1.0, 4.0));
        assert!((summary.median - 2.5).abs() < 1e-12);
        assert_eq!(summary.gaps, 2);
    }

    #[test]
    fn the_middle_of_an_odd_number_is_one_of_them() {
        assert!((Summary::of(&[9.0, 1.0, 2.0]).median - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_series_without_a_figure_has_none() {
        let summary = Summary::of(&[f64::NAN; 3]);
        assert_eq!((summary.last, summary.gaps), (None, 3));
        assert!(summary.min.is_nan() && summary.median.is_nan() && summary.max.is_nan());
    }
}
