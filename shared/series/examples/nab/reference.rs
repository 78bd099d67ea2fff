//! The simple detectors people use: one point against what came before it.

use std::collections::VecDeque;

use crate::corpus::Labelled;

/// A detector: which points it calls unusual, each from the points before it only.
pub(crate) type Detector = fn(&Labelled) -> Vec<bool>;

/// By name.
pub(crate) const ALL: [(&str, Detector); 3] = [
    ("1-day mean and deviation, z > 4", mean_and_deviation),
    ("1-day median and MAD, z > 8", median_and_mad),
    ("same time of other days and MAD", seasonal),
];

/// Figures before a point are too few to judge it by.
const FEW: usize = 20;

fn mean_and_deviation(series: &Labelled) -> Vec<bool> {
    trailing(series, |past, value| {
        let count = past.len() as f64;
        let mean = past.iter().sum::<f64>() / count;
        let variance = past.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        (value - mean).abs() > 4.0 * variance.sqrt().max(1e-9)
    })
}

fn median_and_mad(series: &Labelled) -> Vec<bool> {
    trailing(series, |past, value| {
        let (centre, spread) = centre_and_spread(past.iter().copied());
        (value - centre).abs() > 8.0 * spread.max(1e-9)
    })
}

/// Judges each figure by those of the day before it.
fn trailing(series: &Labelled, unusual: impl Fn(&[f64], f64) -> bool) -> Vec<bool> {
    let mut day: VecDeque<f64> = VecDeque::new();
    let points = day_of(series);
    let mut flags = Vec::with_capacity(series.values.len());
    for (point, value) in series.values.iter().enumerate() {
        let past: Vec<f64> = day.iter().copied().filter(|x| x.is_finite()).collect();
        flags.push(value.is_finite() && past.len() >= FEW && unusual(&past, *value));
        day.push_back(*value);
        if point >= points {
            day.pop_front();
        }
    }
    flags
}

/// Outside eight spreads both of the last day and of the same time (an hour around it) of up to two weeks.
fn seasonal(series: &Labelled) -> Vec<bool> {
    let day = day_of(series);
    let around = (day / 48).max(1);
    let recent = median_and_mad(series);
    let flag = |(point, value): (usize, &f64)| {
        let same = (1..=14_usize)
            .map_while(|days| point.checked_sub(days * day))
            .filter_map(|then| {
                series
                    .values
                    .get(then.saturating_sub(around)..=then + around.min(day - 1))
            })
            .flatten()
            .copied()
            .filter(|x| x.is_finite());
        let same: Vec<f64> = same.collect();
        let by_day = if same.len() < FEW {
            true
        } else {
            let (centre, spread) = centre_and_spread(same.iter().copied());
            (value - centre).abs() > 8.0 * spread.max(1e-9)
        };
        by_day && recent.get(point).copied().unwrap_or(false)
    };
    series.values.iter().enumerate().map(flag).collect()
}

fn day_of(series: &Labelled) -> usize {
    (86_400 / series.grid.step().seconds() as usize).max(2)
}

fn centre_and_spread(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    let centre = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    for x in &mut sorted {
        *x = (*x - centre).abs();
    }
    sorted.sort_by(f64::total_cmp);
    let spread = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    (centre, spread * 1.4826)
}
