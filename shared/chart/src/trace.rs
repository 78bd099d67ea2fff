//! From figures to the points of a line: gaps stay gaps, and of many figures within a pixel the first,
//! lowest, highest and last are kept, which draws the same (M4: Jugel et al., VLDB 2014).

/// A figure and its number in the series.
pub(crate) type Point = (usize, f64);

/// The unbroken runs of a series, each of at most about four points a column.
pub(crate) fn runs(values: &[f64], columns: usize) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut run: Vec<Point> = Vec::new();
    for (at, value) in values.iter().copied().enumerate() {
        if value.is_finite() {
            run.push((at, value));
        } else if !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    if !run.is_empty() {
        runs.push(run);
    }
    let each = values.len().div_ceil(columns.max(1));
    if each > 4 {
        for run in &mut runs {
            *run = thin(run, each);
        }
    }
    runs
}

/// The first, lowest, highest and last of every `each` figures.
fn thin(run: &[Point], each: usize) -> Vec<Point> {
    let column = |point: &Point| point.0 / each;
    let mut kept = Vec::new();
    for group in run.chunk_by(|a, b| column(a) == column(b)) {
        let lowest = group.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let highest = group.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut four: Vec<Point> = [group.first(), lowest, highest, group.last()]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        four.sort_by_key(|point| point.0);
        four.dedup_by_key(|point| point.0);
        kept.extend(four);
    }
    kept
}

/// Where none of these series has a figure: the numbers of the last point before the gap and of the first
/// after it, or of the ends.
pub(crate) fn gaps(series: &[&[f64]]) -> Vec<(usize, usize)> {
    let points = series.first().map_or(0, |values| values.len());
    let is_there = |at: usize| {
        let mut at_all = series.iter().filter_map(|values| values.get(at));
        at_all.any(|value| value.is_finite())
    };
    let mut gaps = Vec::new();
    let mut before: Option<usize> = None;
    let mut in_gap = false;
    for at in 0..points {
        if is_there(at) {
            if in_gap {
                gaps.push((before.unwrap_or(0), at));
            }
            before = Some(at);
            in_gap = false;
        } else {
            in_gap = true;
        }
    }
    if in_gap {
        gaps.push((before.unwrap_or(0), points.saturating_sub(1)));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONE: f64 = f64::NAN;

    #[test]
    fn a_gap_breaks_the_line() {
        let runs = runs(&[1.0, 2.0, NONE, f64::INFINITY, 3.0], 100);
        assert_eq!(runs, [vec![(0, 1.0), (1, 2.0)], vec![(4, 3.0)]]);
    }

    #[test]
    fn a_gap_of_all_series_lies_between_the_points_around_it() {
        let a = [1.0, NONE, NONE, 4.0, NONE];
        let b = [NONE, NONE, NONE, 4.0, NONE];
        assert_eq!(gaps(&[&a, &b]), [(0, 3), (3, 4)]);
        assert_eq!(gaps(&[&a, &[1.0; 5]]), []);
        assert_eq!(gaps(&[&[NONE, NONE, 1.0]]), [(0, 2)]);
        assert_eq!(gaps(&[&[NONE; 3]]), [(0, 2)]);
    }

    proptest! {
        #[test]
        fn thinning_keeps_the_ends_and_the_extremes(values in prop::collection::vec(-1e6..1e6, 1..3_000), columns in 1usize..400) {
            let runs = runs(&values, columns);
            let [run] = runs.as_slice() else { panic!("one run") };
            prop_assert!(run.len() <= values.len().max(4 * (columns + 1)));
            prop_assert_eq!(run.first().unwrap(), &(0, values[0]));
            prop_assert_eq!(run.last().unwrap(), &(values.len() - 1, values[values.len() - 1]));
            let extremes = |all: &mut dyn Iterator<Item = f64>| all.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
            prop_assert_eq!(extremes(&mut run.iter().map(|p| p.1)), extremes(&mut values.iter().copied()));
            prop_assert!(run.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
