//! Order statistics: what a few wild figures do not move.

/// How many standard deviations of a normal distribution lie between its median and its quartile.
pub(crate) const QUARTILE: f64 = 0.674_489_75;
/// The same for its tenth and ninetieth percentile.
pub(crate) const DECILE: f64 = 1.281_551_57;

/// The figure below which `share` of the figures lie, between neighbours by a straight line (the seventh
/// definition of Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996). NaN where there is none.
/// Puts the figures in another order; none of them may be NaN.
pub(crate) fn quantile(figures: &mut [f64], share: f64) -> f64 {
    let Some(last) = figures.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share.clamp(0.0, 1.0) * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nought and the number of figures"
    )]
    let below = place.floor() as usize;
    let (_, at, above) = figures.select_nth_unstable_by(below, f64::total_cmp);
    let at = *at;
    let part = place - below as f64;
    if part == 0.0 {
        return at;
    }
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    // Weighed before they are added, so that figures of any size stay finite.
    at * (1.0 - part) + next * part
}

/// The middle figure. NaN where there is none.
pub(crate) fn median(figures: &mut [f64]) -> f64 {
    quantile(figures, 0.5)
}

/// The finite ones of `figures`, into `room`.
pub(crate) fn finite_into(figures: impl IntoIterator<Item = f64>, room: &mut Vec<f64>) {
    room.clear();
    room.extend(figures.into_iter().filter(|figure| figure.is_finite()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert!((quantile(&mut [4.0, 1.0, 3.0, 2.0], 0.5) - 2.5).abs() < 1e-12);
        assert!((quantile(&mut [5.0, 1.0, 3.0], 0.25) - 2.0).abs() < 1e-12);
        assert!((quantile(&mut [7.0], 0.9) - 7.0).abs() < 1e-12);
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    proptest! {
        #[test]
        fn a_quantile_is_what_sorting_gives(
            mut figures in prop::collection::vec(-1e300_f64..1e300, 1..60),
            share in 0.0_f64..=1.0,
        ) {
            let found = quantile(&mut figures, share);
            figures.sort_by(f64::total_cmp);
            // As many figures are at or below it as its share says.
            let place = share * (figures.len() - 1) as f64;
            let at_or_below = figures.iter().filter(|figure| **figure <= found).count() as f64;
            let below = figures.iter().filter(|figure| **figure < found).count() as f64;
            prop_assert!(below <= place.ceil() + 1e-9 && at_or_below + 1e-9 >= place.floor());
            prop_assert!(figures[0] <= found && found <= figures[figures.len() - 1]);
        }
    }
}
