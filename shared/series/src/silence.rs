//! What happens to all series of an instance at once: no figures, or counters that start anew. Both tell of
//! the collector or of the server rather than of any one series.

use std::ops::Range;

use crate::{Episode, Shape};

/// Share of the series.
const MOST: f64 = 0.8;
/// Series below which nothing is said of all of them.
const FEWEST: usize = 3;
/// Points of a window at which a series must have figures to be missed at the others.
const ALIVE: usize = 3;
/// Points apart at which series of one scrape may show the same restart.
const NEAR: usize = 1;

/// A stretch in which the series of an instance had no figures.
///
/// The collector did not run, could not reach the server, or got no connection: when all connections are in use
/// the exporter cannot connect either, so exhaustion shows as a gap and not as a high figure. Which of
/// these it was the figures right before it may tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Its points.
    pub points: Range<usize>,
    /// How many series had none, at least.
    pub silent: usize,
    /// Of how many.
    pub series: usize,
}

impl Silence {
    /// Whether a series' own gap is part of it, and tells nothing of the series.
    pub fn explains(&self, episode: &Episode, window_end: usize) -> bool {
        let gap = episode.points(window_end);
        let begins = gap.start.max(self.points.start);
        let common = gap.end.min(self.points.end).saturating_sub(begins);
        episode.shape == Shape::Gap && common + 2 * NEAR >= gap.len()
    }
}

/// Gathers series after series what is told of all of them.
#[derive(Debug, Clone)]
pub struct Together {
    first: usize,
    silent: Vec<u32>,
    series: usize,
    resets: Vec<u32>,
    counters: usize,
}

impl Together {
    /// Over the points of `window`.
    pub fn new(window: Range<usize>) -> Self {
        Self {
            first: window.start,
            silent: vec![0; window.len()],
            series: 0,
            resets: vec![0; window.len()],
            counters: 0,
        }
    }

    /// Takes a series in. One that has hardly any figures in the window counts for nothing.
    pub fn add(&mut self, values: &[f64]) {
        let window = || {
            let all = (self.first..self.first + self.silent.len()).map(|point| values.get(point));
            all.map(|value| value.is_some_and(|value| value.is_finite()))
        };
        // Figures before the window count: all may be silent from its begin on.
        let earlier = values.get(..self.first).unwrap_or(values);
        let recent = earlier.iter().rev().take(self.silent.len().max(ALIVE));
        let alive = window().filter(|there| *there).count()
            + recent.filter(|value| value.is_finite()).count();
        if alive < ALIVE {
            return;
        }
        let there: Vec<bool> = window().collect();
        self.series += 1;
        for (silent, there) in self.silent.iter_mut().zip(there) {
            *silent += u32::from(!there);
        }
    }

    /// Takes the resets of a counter in ([`crate::Rates::resets`]).
    pub fn add_resets(&mut self, resets: &[usize]) {
        self.counters += 1;
        let mut told = None;
        for reset in resets {
            let Some(place) = reset.checked_sub(self.first) else {
                continue;
            };
            // Twice within two points is once.
            if told.is_none_or(|told| place > told + NEAR) {
                if let Some(count) = self.resets.get_mut(place) {
                    *count += 1;
                }
                told = Some(place);
            }
        }
    }

    /// Takes in what another one gathered over the same window.
    pub fn join(&mut self, other: &Self) {
        self.series += other.series;
        self.counters += other.counters;
        for (own, other) in self.silent.iter_mut().zip(&other.silent) {
            *own += other;
        }
        for (own, other) in self.resets.iter_mut().zip(&other.resets) {
            *own += other;
        }
    }

    /// When most series had no figures.
    pub fn silences(&self) -> Vec<Silence> {
        let mut found: Vec<Silence> = Vec::new();
        if self.series < FEWEST {
            return found;
        }
        for (place, silent) in self.silent.iter().enumerate() {
            if f64::from(*silent) < MOST * self.series as f64 {
                continue;
            }
            let point = self.first + place;
            let silent = *silent as usize;
            match found.last_mut().filter(|last| last.points.end == point) {
                Some(last) => {
                    last.points.end = point + 1;
                    last.silent = last.silent.min(silent);
                }
                None => found.push(Silence {
                    points: point..point + 1,
                    silent,
                    series: self.series,
                }),
            }
        }
        found
    }

    /// The points at which most counters had started anew: the server was restarted. Not all counters
    /// show it, for one that stands at nought cannot fall.
    pub fn restarts(&self) -> Vec<usize> {
        let mut found = Vec::new();
        if self.counters < FEWEST {
            return found;
        }
        let around = |place: usize| {
            let near = self.resets.iter().skip(place).take(NEAR + 1);
            near.map(|count| f64::from(*count)).sum::<f64>()
        };
        let mut place = 0;
        while place < self.resets.len() {
            let here = self.resets.get(place).copied().unwrap_or(0);
            if here > 0 && around(place) >= (0.5 * self.counters as f64).max(FEWEST as f64) {
                found.push(self.first + place);
                place += NEAR;
            }
            place += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::{self, analyse, grid};

    fn silent_between(gap: Range<usize>) -> Vec<f64> {
        let value = |point| if gap.contains(&point) { f64::NAN } else { 1.0 };
        (0..20).map(value).collect()
    }

    #[test]
    fn a_gap_of_nearly_all_series_is_a_silence() {
        let mut all = Together::new(5..20);
        for _ in 0..9 {
            all.add(&silent_between(8..12));
        }
        all.add(&silent_between(0..0));
        let silence = Silence {
            points: 8..12,
            silent: 9,
            series: 10,
        };
        assert_eq!(all.silences(), [silence]);
    }

    #[test]
    fn a_gap_of_one_series_is_its_own() {
        let mut all = Together::new(5..20);
        all.add(&silent_between(8..12));
        for _ in 0..4 {
            all.add(&silent_between(0..0));
        }
        assert!(all.silences().is_empty());
    }

    #[test]
    fn series_that_never_had_figures_are_not_missed() {
        let mut all = Together::new(5..20);
        for _ in 0..20 {
            all.add(&[f64::NAN; 20]);
        }
        for _ in 0..3 {
            all.add(&silent_between(0..0));
        }
        assert!(all.silences().is_empty());
    }

    #[test]
    fn a_silence_that_lasts_from_the_windows_begin_to_its_end_is_told() {
        let mut all = Together::new(10..20);
        for _ in 0..3 {
            all.add(&silent_between(10..20));
        }
        assert_eq!(
            all.silences().first().map(|one| one.points.clone()),
            Some(10..20)
        );
    }

    #[test]
    fn counters_that_start_anew_together_are_a_restart() {
        let mut all = Together::new(0..20);
        for reset in [7, 7, 8, 7] {
            all.add_resets(&[reset]);
        }
        all.add_resets(&[]);
        assert_eq!(all.restarts(), [7]);
    }

    #[test]
    fn one_counter_that_starts_anew_is_none() {
        let mut all = Together::new(0..20);
        all.add_resets(&[7]);
        for _ in 0..9 {
            all.add_resets(&[]);
        }
        assert!(all.restarts().is_empty());
    }

    #[test]
    fn what_two_gathered_is_what_one_would_have() {
        let (mut one, mut two, mut both) = (
            Together::new(5..20),
            Together::new(5..20),
            Together::new(5..20),
        );
        for (number, gap) in [8..12, 8..12, 9..12, 0..0, 8..11, 8..12]
            .into_iter()
            .enumerate()
        {
            let values = silent_between(gap);
            let half = if number % 2 == 0 { &mut one } else { &mut two };
            half.add(&values);
            half.add_resets(&[14]);
            both.add(&values);
            both.add_resets(&[14]);
        }
        one.join(&two);
        assert_eq!(one.silences(), both.silences());
        assert_eq!(one.restarts(), [14]);
    }

    #[test]
    fn the_gap_of_a_series_within_a_silence_is_explained() {
        let grid = grid(60, 400);
        let mut values = synthetic::Shape::STEADY.values(&grid, 1);
        values[350..360].fill(f64::NAN);
        let silence = |points| Silence {
            points,
            silent: 9,
            series: 9,
        };
        let gap = analyse(&grid, &values, 100).episodes[0];
        assert!(silence(350..360).explains(&gap, 400));
        assert!(silence(349..362).explains(&gap, 400));
        assert!(!silence(355..360).explains(&gap, 400));
        values[350..400].fill(900.0);
        let shift = analyse(&grid, &values, 100).episodes[0];
        assert!(!silence(350..400).explains(&shift, 400));
    }
}
