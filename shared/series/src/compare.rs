//! One window against another, and one instance against its siblings.

use crate::Margin;
use crate::chance::{independent, two_sided};
use crate::robust::{finite_into, median, quantile};

/// Figures a window needs.
const FEWEST: usize = 5;
/// Siblings needed to say how far apart they usually are.
const SIBLINGS: usize = 3;
/// Quartile distance to standard deviation, of a normal distribution.
const NORMAL: f64 = 1.349;
/// Chance below which a difference is told as one.
const CHANCE: f64 = 0.01;
/// How much more often a figure of one window is the greater: a small difference can be no chance and yet
/// not matter.
const LEAST_EFFECT: f64 = 0.3;

/// Where the figures of a window lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Their median.
    pub median: f64,
    /// Their quartile distance as a standard deviation.
    pub spread: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// How many there are.
    pub figures: usize,
}

impl Level {
    /// Of figures; `None` if there are fewer than five.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut room = Vec::with_capacity(values.len());
        finite_into(values.iter().copied(), &mut room);
        (room.len() >= FEWEST).then(|| Self {
            median: median(&mut room),
            spread: (quantile(&mut room, 0.75) - quantile(&mut room, 0.25)) / NORMAL,
            p95: quantile(&mut room, 0.95),
            figures: room.len(),
        })
    }
}

/// Two windows of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The window before.
    pub before: Level,
    /// The window after.
    pub now: Level,
    /// The difference of the medians.
    pub by: f64,
    /// The median of now over that before; `None` where that was nought.
    pub ratio: Option<f64>,
    /// How much more often a figure of now is greater than one of before than less, -1 to 1 (Cliff 1993).
    pub effect: f64,
    /// The chance of such an effect where nothing changed.
    pub chance: f64,
    /// Whether it is no chance, not small, and beyond the margin.
    pub differs: bool,
}

/// Holds two windows of a series against each other.
///
/// By ranks (Mann and Whitney 1947; figures that are the same count for neither), so that no distribution is
/// assumed; each window counts as many figures as its first autocorrelation leaves independent, for a gauge read twice
/// as often does not tell twice as much. `None` if a window has fewer than five figures.
pub fn compare(before: &[f64], now: &[f64], margin: Margin) -> Option<Difference> {
    let (old, new) = (Level::of(before)?, Level::of(now)?);
    let effect = effect(before, now);
    let (one, other) = (independent(before), independent(now));
    // The variance of Cliff's delta where nothing changed.
    let deviation = ((one + other + 1.0) / (3.0 * one * other)).sqrt();
    let chance = two_sided(effect / deviation);
    let by = new.median - old.median;
    // A tail that grew while the middle stayed is a difference too.
    let farthest = by.abs().max((new.p95 - old.p95).abs());
    let matters = farthest > margin.around(old.median);
    let ratio = new.median / old.median;
    Some(Difference {
        before: old,
        now: new,
        by,
        ratio: ratio.is_finite().then_some(ratio),
        effect,
        chance,
        differs: matters && chance < CHANCE && effect.abs() >= LEAST_EFFECT,
    })
}

/// Cliff's delta.
fn effect(before: &[f64], now: &[f64]) -> f64 {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    finite_into(before.iter().copied(), &mut old);
    finite_into(now.iter().copied(), &mut new);
    old.sort_by(f64::total_cmp);
    let mut sum = 0.0;
    for value in &new {
        let less = old.partition_point(|other| other < value);
        let greater = old.len() - old.partition_point(|other| other <= value);
        sum += less as f64 - greater as f64;
    }
    sum / (old.len() as f64 * new.len() as f64)
}

/// An instance among its siblings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Its own figures.
    pub own: Level,
    /// The median of the siblings' medians.
    pub siblings: f64,
    /// How far apart these usually are: their median absolute deviation as a standard deviation, at least
    /// the margin's.
    pub spread: f64,
    /// How many siblings had figures.
    pub count: usize,
    /// How far this one is from them, in these spreads; `None` of fewer than three siblings.
    pub score: Option<f64>,
    /// How many siblings are as high or higher.
    pub higher: usize,
}

/// Holds an instance's window against the same window of its siblings. `None` if it, or all of them, have
/// fewer than five figures.
pub fn against_siblings(own: &[f64], siblings: &[&[f64]], margin: Margin) -> Option<Standing> {
    let own = Level::of(own)?;
    let levels = siblings.iter().filter_map(|sibling| Level::of(sibling));
    let mut medians: Vec<f64> = levels.map(|level| level.median).collect();
    let count = medians.len();
    if count == 0 {
        return None;
    }
    let higher = medians.iter().filter(|other| **other >= own.median).count();
    let centre = median(&mut medians);
    for other in &mut medians {
        *other = (*other - centre).abs();
    }
    let usual = median(&mut medians) / crate::robust::QUARTILE;
    let spread = usual.max(margin.around(centre) / crate::baseline::WIDTH);
    let away = own.median - centre;
    let score = if away == 0.0 { 0.0 } else { away / spread };
    Some(Standing {
        own,
        siblings: centre,
        spread,
        count,
        score: (count >= SIBLINGS && !score.is_nan()).then_some(score),
        higher,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synthetic::{Noise, Shape, grid};

    fn around(level: f64, figures: usize, seed: u64) -> Vec<f64> {
        let mut noise = Noise::new(seed);
        (0..figures).map(|_| level + noise.normal()).collect()
    }

    #[test]
    fn windows_at_other_levels_differ() {
        let found = compare(&around(10.0, 60, 1), &around(13.0, 60, 2), Margin::RELATIVE).unwrap();
        assert!(found.differs);
        assert!(found.effect > 0.9 && found.chance < 1e-6, "{found:?}");
        assert!((found.by - 3.0).abs() < 0.7);
        assert!((found.ratio.unwrap() - 1.3).abs() < 0.1);
    }

    #[test]
    fn windows_at_one_level_do_not() {
        let told = (0..200).filter(|seed| {
            let (before, now) = (around(10.0, 60, 2 * seed), around(10.0, 60, 2 * seed + 1));
            compare(
                &before,
                &now,
                Margin {
                    relative: 0.0,
                    absolute: 0.0,
                },
            )
            .unwrap()
            .differs
        });
        assert!(told.count() <= 4);
    }

    #[test]
    fn a_difference_that_does_not_matter_is_none() {
        let found = compare(
            &around(1_000.0, 200, 3),
            &around(1_003.0, 200, 4),
            Margin::RELATIVE,
        )
        .unwrap();
        assert!(found.chance < 0.01 && !found.differs, "{found:?}");
    }

    #[test]
    fn wandering_series_count_few_figures() {
        let shape = Shape {
            keeps: 0.98,
            ..Shape::STEADY
        };
        let margin = Margin {
            relative: 0.0,
            absolute: 0.0,
        };
        let told = (0..100).filter(|seed| {
            let values = shape.values(&grid(60, 240), *seed);
            compare(&values[..120], &values[120..], margin)
                .unwrap()
                .differs
        });
        assert!(told.count() <= 10);
    }

    #[test]
    fn too_few_figures_tell_nothing() {
        assert_eq!(compare(&[1.0; 4], &[2.0; 60], Margin::RELATIVE), None);
        assert_eq!(compare(&[f64::NAN; 60], &[2.0; 60], Margin::RELATIVE), None);
    }

    #[test]
    fn an_instance_stands_out_among_its_siblings() {
        let siblings: Vec<Vec<f64>> = (0..6)
            .map(|seed| around(10.0 + seed as f64 * 0.2, 60, seed))
            .collect();
        let siblings: Vec<&[f64]> = siblings.iter().map(Vec::as_slice).collect();
        let found = against_siblings(&around(25.0, 60, 9), &siblings, Margin::RELATIVE).unwrap();
        assert!(found.score.unwrap() > 10.0, "{found:?}");
        assert_eq!((found.count, found.higher), (6, 0));
        let usual = against_siblings(&around(10.4, 60, 9), &siblings, Margin::RELATIVE).unwrap();
        assert!(usual.score.unwrap().abs() < 3.0, "{usual:?}");
    }

    #[test]
    fn two_siblings_are_too_few_to_tell_how_far_is_far() {
        let sibling = around(10.0, 60, 1);
        let found = against_siblings(
            &around(25.0, 60, 9),
            &[&sibling, &sibling],
            Margin::RELATIVE,
        )
        .unwrap();
        assert_eq!((found.score, found.count), (None, 2));
        assert_eq!(against_siblings(&sibling, &[], Margin::RELATIVE), None);
    }

    proptest! {
        #[test]
        fn any_figures_are_compared(
            before in prop::collection::vec(prop::num::f64::ANY, 0..40),
            now in prop::collection::vec(prop::num::f64::ANY, 0..40),
        ) {
            if let Some(found) = compare(&before, &now, Margin::RELATIVE) {
                prop_assert!((-1.0..=1.0).contains(&found.effect));
                prop_assert!((0.0..=1.0).contains(&found.chance));
            }
            let _ = against_siblings(&now, &[&before, &before, &now], Margin::RELATIVE);
        }
    }
}
