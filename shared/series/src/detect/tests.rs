use std::ops::Range;

use proptest::prelude::*;

use crate::synthetic::{self, Noise, analyse, grid};
use crate::{Analyst, Basis, Direction, Episode, Grid, Margin, Shape};

/// A week and six hours at one minute; the six hours are asked about.
const WEEK: usize = 7 * 1_440;
const WINDOW: usize = 360;

/// An hour and a half at fifteen seconds; the last half hour is asked about.
const SHORT: usize = 240;
const SHORT_WINDOW: usize = 120;

fn week() -> Grid {
    grid(60, WEEK + WINDOW)
}

fn short() -> Grid {
    grid(15, SHORT + SHORT_WINDOW)
}

/// Adds to the figures of some points.
fn add(values: &mut [f64], points: Range<usize>, by: impl Fn(usize) -> f64) {
    for (number, value) in values[points].iter_mut().enumerate() {
        *value += by(number);
    }
}

fn only(episodes: &[Episode]) -> Episode {
    let told = |one: &Episode| (one.shape, one.onset, one.end, one.score);
    let told: Vec<_> = episodes.iter().map(told).collect();
    assert_eq!(episodes.len(), 1, "{told:?}");
    episodes[0]
}

#[test]
fn a_lasting_step_is_a_shift_that_is_still_on() {
    let grid = week();
    let mut values = synthetic::Shape::SHOP.values(&grid, 1);
    let onset = WEEK + 200;
    let end = values.len();
    add(&mut values, onset..end, |_| 500.0);
    let found = analyse(&grid, &values, WINDOW);
    assert_eq!(found.baseline.basis, Basis::Daily { days: 7 });
    let one = only(&found.episodes);
    assert_eq!((one.shape, one.direction), (Shape::Shift, Direction::Up));
    assert_eq!((one.onset, one.end), (onset, None));
    assert!((one.value - one.normal - 500.0).abs() < 100.0, "{one:?}");
    assert!(one.shown >= one.onset && one.shown <= one.onset + 2);
    assert_eq!(found.scores.len(), WINDOW);
}

#[test]
fn a_step_that_ended_says_when() {
    let grid = week();
    let mut values = synthetic::Shape::SHOP.values(&grid, 2);
    add(&mut values, WEEK + 100..WEEK + 160, |_| -400.0);
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert_eq!((one.shape, one.direction), (Shape::Shift, Direction::Down));
    assert!(one.onset.abs_diff(WEEK + 100) <= 2, "{one:?}");
    assert!(one.end.unwrap().abs_diff(WEEK + 160) <= 2, "{one:?}");
}

#[test]
fn a_few_points_are_a_spike_with_their_peak() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 3);
    add(&mut values, WEEK + 100..WEEK + 102, |_| 300.0);
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert_eq!(one.shape, Shape::Spike);
    assert_eq!((one.onset, one.end), (WEEK + 100, Some(WEEK + 102)));
    assert!(one.peak > 380.0);
}

#[test]
fn a_growing_distance_is_a_slope_from_its_foot_on() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 4);
    let onset = WEEK + 120;
    let end = values.len();
    add(&mut values, onset..end, |number| 0.5 * number as f64);
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert_eq!((one.shape, one.end), (Shape::Slope, None));
    assert!(one.onset.abs_diff(onset) <= 20, "{one:?}");
}

#[test]
fn a_series_that_jumps_about_more_is_a_swing() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 5);
    let onset = WEEK + 120;
    for (number, value) in values[onset..].iter_mut().enumerate() {
        *value += if number % 2 == 0 { 13.0 } else { -13.0 };
    }
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert_eq!((one.shape, one.end), (Shape::Swing, None));
    assert!(one.onset.abs_diff(onset) <= 4, "{one:?}");
    assert!(one.value > 3.0 * one.normal);
}

#[test]
fn a_series_that_stands_still_is_flat() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 6);
    let onset = WEEK + 200;
    values[onset..].fill(101.0);
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert_eq!((one.shape, one.onset, one.end), (Shape::Flat, onset, None));
}

#[test]
fn a_series_that_often_stands_still_is_not() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 6);
    for value in &mut values {
        *value = (*value / 20.0).round();
    }
    let end = values.len();
    values[end - 20..].fill(5.0);
    assert!(analyse(&grid, &values, WINDOW).episodes.is_empty());
}

#[test]
fn a_series_that_vanishes_is_a_gap() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 70);
    values[WEEK + 50..WEEK + 60].fill(f64::NAN);
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert_eq!(one.shape, Shape::Gap);
    assert_eq!((one.onset, one.end), (WEEK + 50, Some(WEEK + 60)));
}

#[test]
fn gaps_a_series_always_had_are_no_news() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 70);
    for start in (0..WEEK + WINDOW).step_by(100) {
        values[start..start + 10].fill(f64::NAN);
    }
    let found = analyse(&grid, &values, WINDOW).episodes;
    assert!(
        found.iter().all(|one| one.shape != Shape::Gap),
        "{found:#?}"
    );
}

#[test]
fn what_happens_every_day_is_no_news() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 8);
    // A job at three in the morning.
    for day in 0..8 {
        let start = day * 1_440 + 180;
        add(&mut values, start..start + 20, |_| 200.0);
    }
    let found = analyse(&grid, &values, WINDOW);
    assert!(found.episodes.is_empty(), "{:#?}", found.episodes);
}

#[test]
fn what_happened_once_before_is_told_with_that() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 9);
    for start in [2 * 1_440 + 300, WEEK + 100] {
        add(&mut values, start..start + 30, |_| 200.0);
    }
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert!(one.onset.abs_diff(WEEK + 100) <= 1);
    let usual = |day: usize| (day * 1_440 + 300..day * 1_440 + 330).map(|point| values[point]);
    assert!(usual(3).all(|value| value < 150.0));
}

#[test]
fn a_gauge_that_never_moved_may_move_by_its_margin() {
    let grid = week();
    let mut values = vec![3.0; WEEK + WINDOW];
    let end = values.len();
    values[end - 100..].fill(4.0);
    let mut analyst = Analyst::new(&grid, WEEK..end);
    let margin = Margin::of(crate::Unit::Count);
    assert!(analyst.analyse(&values, margin).episodes.is_empty());
    values[end - 100..].fill(6.0);
    let one = only(&analyst.analyse(&values, margin).episodes);
    assert_eq!((one.shape, one.onset), (Shape::Shift, end - 100));
    assert_eq!(one.ratio(), Some(2.0));
}

#[test]
fn a_weekend_is_no_incident_with_one_week_of_history() {
    // From a Monday to the Sunday after the next Saturday.
    let grid = grid(60, 13 * 1_440);
    let mut shape = synthetic::Shape::SHOP;
    shape.weekend = 0.6;
    let values = shape.values(&grid, 10);
    let found = analyse(&grid, &values, WINDOW);
    assert!(
        found.episodes.is_empty(),
        "{:?} {:#?}",
        found.baseline.basis,
        found.episodes
    );
}

#[test]
fn an_onset_before_the_window_is_told() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 11);
    let end = values.len();
    add(&mut values, WEEK - 60..end, |_| 100.0);
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert_eq!((one.onset, one.shown), (WEEK - 60, WEEK));
}

#[test]
fn without_history_nothing_is_said() {
    let grid = grid(60, 60);
    let mut values = synthetic::Shape::STEADY.values(&grid, 12);
    values[40..].fill(9_000.0);
    let found = analyse(&grid, &values, 60);
    assert_eq!(found.baseline.basis, Basis::None);
    assert!(found.episodes.is_empty());
}

#[test]
fn an_hour_of_history_is_enough_for_a_step() {
    let grid = short();
    let mut values = synthetic::Shape::STEADY.values(&grid, 13);
    let end = values.len();
    add(&mut values, SHORT + 60..end, |_| 60.0);
    let found = analyse(&grid, &values, SHORT_WINDOW);
    assert_eq!(found.baseline.basis.to_string(), "the last 60 min");
    let one = only(&found.episodes);
    assert_eq!((one.shape, one.onset), (Shape::Shift, SHORT + 60));
}

/// Episodes told of ordinary load, over so many series.
fn false_alarms(grid: &Grid, window: usize, shape: synthetic::Shape, series: u64) -> usize {
    let told = |seed| {
        let values = shape.values(grid, 1_000 + seed);
        analyse(grid, &values, window).episodes.len()
    };
    (0..series).map(told).sum()
}

#[test]
fn ordinary_varying_load_stays_quiet() {
    // Six hours of 100 series with a daily wave: 25 series-days.
    let told = false_alarms(&week(), WINDOW, synthetic::Shape::SHOP, 100);
    assert!(told <= 5, "{told} of 100");
    // Half hours with an hour of history, the noise of each point kept by half in the next.
    let mut drifting = synthetic::Shape::STEADY;
    drifting.keeps = 0.7;
    let told = false_alarms(&short(), SHORT_WINDOW, drifting, 200);
    assert!(told <= 20, "{told} of 200");
}

#[test]
fn skewed_figures_stay_quiet() {
    let grid = week();
    let mut told = 0;
    for seed in 0..50 {
        let mut noise = Noise::new(seed);
        let values: Vec<f64> = (0..grid.len())
            .map(|_| (0.8 * noise.normal()).exp())
            .collect();
        told += analyse(&grid, &values, WINDOW).episodes.len();
    }
    assert!(told <= 15, "{told} of 50");
}

#[test]
fn what_comes_now_and_then_stays_quiet() {
    let grid = week();
    for every in [10.0, 40.0] {
        let mut told = 0;
        for seed in 0..50 {
            let mut noise = Noise::new(seed);
            let mut value = || match noise.even() * every {
                // As many as waiting times are long: mostly few, now and then many.
                0.0..1.0 => (-5.0 * noise.even().max(1e-9).ln()).ceil(),
                _ => 0.0,
            };
            let values: Vec<f64> = (0..grid.len()).map(|_| value()).collect();
            told += analyse(&grid, &values, WINDOW).episodes.len();
        }
        assert!(told <= 10, "{told} of 50, one in {every}");
    }
}

#[test]
fn an_incident_of_half_a_day_is_one_occasion() {
    let grid = week();
    let mut values = synthetic::Shape::STEADY.values(&grid, 15);
    add(&mut values, 3 * 1_440..3 * 1_440 + 720, |_| 80.0);
    add(&mut values, WEEK + 100..WEEK + 160, |_| 80.0);
    let one = only(&analyse(&grid, &values, WINDOW).episodes);
    assert!(
        one.onset.abs_diff(WEEK + 100) <= 2 && one.before <= 1,
        "{one:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_step_of_eight_spreads_is_found_within_two_steps(
        seed in 0_u64..10_000,
        at in 20_usize..100,
        up: bool,
        kept in 0.0_f64..0.5,
    ) {
        let grid = short();
        let mut shape = synthetic::Shape::STEADY;
        shape.keeps = kept;
        let mut values = shape.values(&grid, seed);
        let end = values.len();
        let by = 8.0 * shape.noise * if up { 1.0 } else { -1.0 };
        add(&mut values, SHORT + at..end, |_| by);
        let found = analyse(&grid, &values, SHORT_WINDOW);
        let direction = if up { Direction::Up } else { Direction::Down };
        let near = |one: &&Episode| {
            one.direction == direction && one.onset.abs_diff(SHORT + at) <= 2 && one.shown <= SHORT + at + 2
        };
        prop_assert!(found.episodes.iter().any(|one| near(&one)), "{:#?}", found.episodes);
    }

    #[test]
    fn the_unit_of_figures_does_not_matter(seed in 0_u64..1_000, power in -30_i32..30) {
        let grid = short();
        let mut values = synthetic::Shape::STEADY.values(&grid, seed);
        let end = values.len();
        add(&mut values, SHORT + 50..end, |_| 40.0);
        let one = analyse(&grid, &values, SHORT_WINDOW);
        // By a power of two, so that no digit is lost.
        let times = 2.0_f64.powi(power);
        for value in &mut values {
            *value *= times;
        }
        let other = analyse(&grid, &values, SHORT_WINDOW);
        prop_assert_eq!(one.scores, other.scores);
        prop_assert_eq!(one.episodes.len(), other.episodes.len());
        for (one, other) in one.episodes.iter().zip(&other.episodes) {
            prop_assert_eq!((one.shape, one.onset, one.end), (other.shape, other.onset, other.end));
            prop_assert!((one.value * times - other.value).abs() <= 1e-9 * other.value.abs());
        }
    }

    #[test]
    fn any_figures_are_taken(
        values in prop::collection::vec(
            prop_oneof![
                prop::num::f64::ANY,
                Just(0.0),
                Just(f64::NAN),
                Just(f64::MAX),
                Just(f64::MIN),
                -10.0_f64..10.0,
            ],
            0..400,
        ),
        window in 0_usize..400,
        step in 1_u32..100_000,
    ) {
        let grid = grid(step, values.len());
        let start = values.len().saturating_sub(window);
        let mut analyst = Analyst::new(&grid, start..values.len() + 7);
        for margin in [Margin::RELATIVE, Margin { relative: 0.0, absolute: 0.0 }] {
            let found = analyst.analyse(&values, margin);
            for one in found.episodes {
                prop_assert!(one.onset < values.len());
                prop_assert!(one.end.is_none_or(|end| end > one.onset && end <= values.len()));
                prop_assert!(!one.score.is_nan());
            }
        }
    }
}
