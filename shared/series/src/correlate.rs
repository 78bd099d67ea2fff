//! Which series moved with another, and which moved first.

use crate::chance::{autocorrelation, two_sided};
use crate::robust::{finite_into, median, quantile};

/// Pairs of figures below which nothing is said.
const FEWEST: usize = 20;
/// Beyond so many spreads a figure counts no more: two outliers at the same time are no correlation.
const MOST: f64 = 8.0;
/// Chance below which series are told to have moved together.
const CHANCE: f64 = 0.01;
/// Least correlation that is told.
const LEAST: f64 = 0.5;
/// By how much a correlation must be better at another time than at the same one, to say that one series
/// moved first.
const BETTER: f64 = 0.02;

/// How two series moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// Pearson's coefficient at that lag, -1 to 1.
    pub r: f64,
    /// By how many points the other series moved later; below nought it moved first.
    pub lag: isize,
    /// The pairs of figures it was taken from.
    pub points: usize,
    /// The chance of such a correlation between series that have nothing to do with each other.
    pub chance: f64,
    /// Whether they moved together: no chance, and not weak.
    pub together: bool,
}

/// A series others are held against.
#[derive(Debug, Clone)]
pub struct Target {
    shaped: Vec<f64>,
    depends: f64,
}

impl Target {
    /// `None` for a series that does not move or has fewer than 20 figures. Best of what is left after the
    /// baseline was taken away: what all series of a day have in common is no connection.
    pub fn new(values: &[f64]) -> Option<Self> {
        let shaped = shaped(values)?;
        Some(Self {
            depends: autocorrelation(&shaped),
            shaped,
        })
    }

    /// Holds a series against this one, moved by up to `most_lag` points to either side. `None` where nothing can
    /// be told: one of them does not move, or there are too few points with both.
    ///
    /// Guards against correlation that means nothing: both are freed of their straight trend and of
    /// outliers' weight; the chance is told for as many independent pairs as the first autocorrelations of
    /// both leave (Bartlett 1946), so that two series that wander are not told to move together, and for all lags
    /// that were tried (Bonferroni).
    pub fn with(&self, values: &[f64], most_lag: usize) -> Option<Correlation> {
        let other = shaped(values)?;
        let depends = self.depends * autocorrelation(&other);
        let lags = isize::try_from(most_lag).ok()?;
        let (mut r, points) = coefficient(&self.shaped, &other, 0)?;
        let mut best = (0, points);
        let at_once = r.abs();
        let mut most = at_once + BETTER;
        for lag in (1..=lags).flat_map(|lag| [lag, -lag]) {
            if let Some((found, points)) = coefficient(&self.shaped, &other, lag)
                && found.abs() > most
            {
                most = found.abs();
                r = found;
                best = (lag, points);
            }
        }
        let (lag, points) = best;
        let pairs = points as f64 * (1.0 - depends) / (1.0 + depends);
        // Fisher's transformation.
        let deviations = r.clamp(-0.999_999, 0.999_999).atanh() * (pairs - 3.0).max(0.0).sqrt();
        let tried = 1.0 + 2.0 * most_lag as f64;
        let chance = (two_sided(deviations) * tried).min(1.0);
        Some(Correlation {
            r,
            lag,
            points,
            chance,
            together: chance < CHANCE && r.abs() >= LEAST,
        })
    }
}

/// Figures without trend, in spreads around their median; NaN for gaps. `None` of what does not move.
fn shaped(values: &[f64]) -> Option<Vec<f64>> {
    let mut room = Vec::with_capacity(values.len());
    finite_into(values.iter().copied(), &mut room);
    if room.len() < FEWEST {
        return None;
    }
    let centre = median(&mut room);
    let quartiles = (quantile(&mut room, 0.75) - quantile(&mut room, 0.25)) / 1.349;
    let tenths = (quantile(&mut room, 0.95) - quantile(&mut room, 0.05)) / 3.29;
    let range = (quantile(&mut room, 1.0) - quantile(&mut room, 0.0)) / MOST;
    let spread = [quartiles, tenths, range]
        .into_iter()
        .find(|spread| *spread > 1e-9 * centre.abs() && *spread > 0.0 && spread.is_finite())?;
    let mut shaped: Vec<f64> = values
        .iter()
        .map(|value| {
            let away = (value - centre) / spread;
            if value.is_finite() {
                away.clamp(-MOST, MOST)
            } else {
                f64::NAN
            }
        })
        .collect();
    take_trend(&mut shaped);
    Some(shaped)
}

/// Takes the straight line of least squares away.
fn take_trend(values: &mut [f64]) {
    let (mut count, mut mean_x, mut mean_y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (place, value) in values.iter().enumerate() {
        if value.is_finite() {
            count += 1.0;
            let from_x = place as f64 - mean_x;
            mean_x += from_x / count;
            mean_y += (value - mean_y) / count;
            xx += from_x * (place as f64 - mean_x);
            xy += from_x * (value - mean_y);
        }
    }
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    for (place, value) in values.iter_mut().enumerate() {
        *value -= mean_y + slope * (place as f64 - mean_x);
    }
}

/// Pearson's coefficient of the pairs in which `other` is `lag` points later, and how many there are.
fn coefficient(one: &[f64], other: &[f64], lag: isize) -> Option<(f64, usize)> {
    let (skip_one, skip_other) = if lag < 0 {
        (lag.unsigned_abs(), 0)
    } else {
        (0, lag.unsigned_abs())
    };
    let (mut count, mut mean_x, mut mean_y) = (0_usize, 0.0, 0.0);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in one.iter().skip(skip_one).zip(other.iter().skip(skip_other)) {
        if x.is_finite() && y.is_finite() {
            count += 1;
            let from_x = x - mean_x;
            mean_x += from_x / count as f64;
            let from_y = y - mean_y;
            mean_y += from_y / count as f64;
            xx += from_x * (x - mean_x);
            yy += from_y * (y - mean_y);
            xy += from_x * (y - mean_y);
        }
    }
    let product = (xx * yy).sqrt();
    (count >= FEWEST && product > 1e-9).then(|| ((xy / product).clamp(-1.0, 1.0), count))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synthetic::{Noise, Shape, grid};

    /// Noise with a step at a point.
    fn step(seed: u64, at: usize) -> Vec<f64> {
        let mut noise = Noise::new(seed);
        let level = |point| if point >= at { 20.0 } else { 10.0 };
        (0..240)
            .map(|point| level(point) + noise.normal())
            .collect()
    }

    fn held(one: &[f64], other: &[f64]) -> Option<Correlation> {
        Target::new(one)?.with(other, 10)
    }

    #[test]
    fn a_series_that_followed_is_told_with_its_lag() {
        let found = held(&step(1, 100), &step(2, 104)).unwrap();
        assert!(found.together && found.r > 0.8, "{found:?}");
        assert!((3..=5).contains(&found.lag), "{found:?}");
        let first = held(&step(1, 100), &step(2, 94)).unwrap();
        assert!((-7..=-5).contains(&first.lag), "{first:?}");
    }

    #[test]
    fn a_series_that_moved_the_other_way_is_told_too() {
        let other: Vec<f64> = step(3, 100).iter().map(|value| 50.0 - value).collect();
        let found = held(&step(1, 100), &other).unwrap();
        assert!(
            found.together && found.r < -0.8 && found.lag == 0,
            "{found:?}"
        );
    }

    #[test]
    fn two_series_that_only_grow_did_not_move_together() {
        let grows = |seed, by: f64| {
            let mut noise = Noise::new(seed);
            let value = |point: u32| by * f64::from(point) + noise.normal();
            (0..240).map(value).collect::<Vec<_>>()
        };
        let found = held(&grows(1, 0.5), &grows(2, 2.0)).unwrap();
        assert!(!found.together, "{found:?}");
    }

    #[test]
    fn series_that_wander_by_themselves_did_not_move_together() {
        let shape = Shape {
            keeps: 0.99,
            ..Shape::STEADY
        };
        let told = (0..100).filter(|seed| {
            let grid = grid(60, 240);
            let (one, other) = (
                shape.values(&grid, 2 * seed),
                shape.values(&grid, 2 * seed + 1),
            );
            held(&one, &other).is_some_and(|found| found.together)
        });
        let told = told.count();
        assert!(told <= 5, "{told} of 100");
    }

    #[test]
    fn one_outlier_at_the_same_time_is_no_connection() {
        let outlier = |seed| {
            let mut noise = Noise::new(seed);
            let mut values: Vec<f64> = (0..240).map(|_| noise.normal()).collect();
            values[120] = 5_000.0;
            values
        };
        let found = held(&outlier(1), &outlier(2)).unwrap();
        assert!(!found.together, "{found:?}");
    }

    #[test]
    fn constants_and_short_series_tell_nothing() {
        assert!(Target::new(&[7.0; 240]).is_none());
        assert!(Target::new(&step(1, 5)[..19]).is_none());
        assert!(held(&step(1, 100), &[7.0; 240]).is_none());
        let mut gaps = step(1, 100);
        gaps[15..].fill(f64::NAN);
        assert!(held(&step(1, 100), &gaps).is_none());
    }

    proptest! {
        #[test]
        fn any_figures_are_taken(
            one in prop::collection::vec(prop::num::f64::ANY, 0..80),
            other in prop::collection::vec(prop::num::f64::ANY, 0..80),
            lag in 0_usize..100,
        ) {
            let found = Target::new(&one).and_then(|target| target.with(&other, lag));
            if let Some(found) = found {
                prop_assert!((-1.0..=1.0).contains(&found.r));
                prop_assert!((0.0..=1.0).contains(&found.chance));
                prop_assert!(found.lag.unsigned_abs() <= lag);
            }
        }
    }
}
