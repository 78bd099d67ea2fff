//! Figures recorded on one grid, asked for on another. What was not recorded is not made up: on a
//! longer step the figures are put together, on a shorter one each holds until the next.

use storex_series::Grid;

/// Gauges on another grid: the mean of what was recorded in the step up to a moment, or the last figure
/// recorded within a recorded step before it, where the step asked for is the shorter.
pub(crate) fn gauged(values: &[f64], recorded: &Grid, wanted: &Grid) -> Vec<f64> {
    each(recorded, wanted, |step| {
        let known = step.clone().filter_map(|point| values.get(point).copied());
        let (mut sum, mut count) = (0.0, 0_u32);
        for value in known.filter(|value| !value.is_nan()) {
            sum += value;
            count += 1;
        }
        match count {
            0 => f64::NAN,
            1 => sum,
            _ => sum / f64::from(count),
        }
    })
}

/// Counters on another grid: the last count in the step up to a moment; between two recorded counts,
/// where the step asked for is the shorter, as if it had grown evenly.
pub(crate) fn counted(values: &[f64], recorded: &Grid, wanted: &Grid) -> Vec<f64> {
    if wanted.step() >= recorded.step() {
        return each(recorded, wanted, |step| {
            let known = step.rev().filter_map(|point| values.get(point).copied());
            known
                .into_iter()
                .find(|value| !value.is_nan())
                .unwrap_or(f64::NAN)
        });
    }
    let step = f64::from(recorded.step().seconds());
    let moments = (0..wanted.len()).map(|point| {
        let at = wanted.at(point);
        let before = recorded.point(at)?;
        let low = values.get(before).copied()?;
        let gone = at.as_second() - recorded.at(before).as_second();
        if gone == 0 {
            return Some(low);
        }
        let high = values.get(before + 1).copied()?;
        // It started anew in between; when is not known.
        (high >= low).then(|| low + (high - low) * gone as f64 / step)
    });
    moments.map(|value| value.unwrap_or(f64::NAN)).collect()
}

/// For each moment wanted, what `of` makes of the recorded points of the step up to it.
fn each(recorded: &Grid, wanted: &Grid, of: impl Fn(std::ops::Range<usize>) -> f64) -> Vec<f64> {
    let reach = i64::from(wanted.step().max(recorded.step()).seconds());
    let first = recorded.start().as_second();
    let step = i64::from(recorded.step().seconds());
    // Points up to a moment, itself included.
    let up_to = |second: i64| {
        let points = (second - first).div_euclid(step) + 1;
        usize::try_from(points).unwrap_or(0).min(recorded.len())
    };
    let moments = (0..wanted.len()).map(|point| {
        let at = wanted.at(point).as_second();
        of(up_to(at - reach)..up_to(at))
    });
    moments.collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use storex_series::Step;

    use super::*;

    fn grid(from: i64, to: i64, step: u32) -> Grid {
        let at = |second| Timestamp::from_second(second).unwrap();
        Grid::new(at(from), at(to), Step::of(step))
    }

    /// NaN as a number nobody uses, so that figures can be compared.
    fn shown(values: &[f64]) -> Vec<f64> {
        let shown = values.iter().map(|v| if v.is_nan() { -1.0 } else { *v });
        shown.collect()
    }

    #[test]
    fn a_longer_step_takes_the_mean_of_what_was_recorded_in_it() {
        let values = [1.0, 2.0, 3.0, f64::NAN, f64::NAN, f64::NAN, 7.0, 9.0];
        let (recorded, wanted) = (grid(60, 180, 15), grid(0, 240, 60));
        // The step up to 60 holds the first only; that up to 120 is 2, 3 and two gaps.
        assert_eq!(
            shown(&gauged(&values, &recorded, &wanted)),
            [-1.0, 1.0, 2.5, 8.0]
        );
        let gaps = [f64::NAN; 8];
        assert_eq!(shown(&gauged(&gaps, &recorded, &wanted)), [-1.0; 4]);
    }

    #[test]
    fn a_figure_holds_until_the_next_and_no_longer() {
        let values = [4.0, f64::NAN, 6.0];
        let (recorded, wanted) = (grid(60, 240, 60), grid(30, 300, 30));
        assert_eq!(
            shown(&gauged(&values, &recorded, &wanted)),
            [-1.0, 4.0, 4.0, -1.0, -1.0, 6.0, 6.0, -1.0, -1.0]
        );
    }

    #[test]
    fn a_counter_keeps_its_last_count_and_grows_evenly_in_between() {
        let values = [10.0, 20.0, f64::NAN, 40.0, 4.0];
        let recorded = grid(60, 360, 60);
        let longer = counted(&values, &recorded, &grid(60, 361, 120));
        assert_eq!(shown(&longer), [20.0, 40.0, 4.0]);
        let shorter = counted(&values, &recorded, &grid(60, 330, 30));
        assert_eq!(
            shown(&shorter),
            [10.0, 15.0, 20.0, -1.0, -1.0, -1.0, 40.0, -1.0, 4.0]
        );
    }

    proptest! {
        #[test]
        fn on_its_own_grid_nothing_changes(
            raw in proptest::collection::vec(any::<f64>(), 1..40), step in 1..1_000_u32, first in -50..50_i64,
        ) {
            let from = first * i64::from(step);
            let to = from + i64::try_from(raw.len()).unwrap() * i64::from(step);
            let grid = grid(from, to, step);
            let bits = |values: &[f64]| -> Vec<u64> { values.iter().map(|v| v.to_bits()).collect() };
            let numbers: Vec<f64> = raw.iter().map(|v| if v.is_nan() { f64::NAN } else { v + 0.0 }).collect();
            prop_assert_eq!(bits(&gauged(&numbers, &grid, &grid)), bits(&numbers));
            prop_assert_eq!(bits(&counted(&numbers, &grid, &grid)), bits(&numbers));
        }

        #[test]
        fn any_two_grids_are_taken(
            values in proptest::collection::vec(any::<f64>(), 0..40),
            recorded in (0..2_000_i64, 1..100_u32), wanted in (0..4_000_i64, 0..4_000_i64, 1..100_u32),
        ) {
            let recorded = grid(recorded.0, recorded.0 + 40 * i64::from(recorded.1), recorded.1);
            let wanted = grid(wanted.0, wanted.1, wanted.2);
            prop_assert_eq!(gauged(&values, &recorded, &wanted).len(), wanted.len());
            prop_assert_eq!(counted(&values, &recorded, &wanted).len(), wanted.len());
        }
    }
}
