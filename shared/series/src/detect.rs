//! Episodes in which a series left what is normal for it.
//!
//! The distance from the baseline, in spreads, is averaged over the last 1, 4, 16 and 64 points: a spike
//! shows in the short means, a small but lasting shift in the long ones (the scan over scales of
//! multi-scale change detection, Frick, Munk and Sieling 2014, with trailing means, so that only the past
//! is seen). Each mean is judged by what the same mean did in history: it must be beyond four of its own
//! spreads, which accounts for figures that depend on the ones before them, beyond where the tail of a short
//! history leads, and beyond what happened on two
//! occasions already, for what a series does again and again is no news (peaks over a threshold, as in
//! Siffer et al., Anomaly Detection in Streams with Extreme Value Theory, 2017, but counted rather than
//! extrapolated). Where an episode begins and ends is found by cumulative sums against half its height
//! (Page 1954), from the first point that showed it backwards.

mod channel;
mod episode;
mod marks;
mod segment;
mod still;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::Grid;
use crate::baseline::{Baseline, Margin};
use channel::{Reach, Sums};
use marks::Marks;
use segment::Segment;

pub use episode::{Direction, Episode, Shape};

/// Points a mean is taken over.
const SCALES: [usize; 4] = [1, 4, 16, 64];
/// Least spread of these means, in spreads of a point: what is smaller than the margin is nothing to
/// find, however quiet the history.
const LEAST: [f64; 4] = [1.0, 0.7, 0.5, 0.5];
/// Points a scale needs in history, in multiples of it.
const ENOUGH: usize = 10;
/// Points the swing is averaged over, and the least spread of that mean.
const SWING: (usize, f64) = (16, 0.3);
/// Points of history below which nothing is said about the swing.
const SWING_HISTORY: usize = 200;
/// Spikes within a swing that are not told by themselves.
const MANY_SPIKES: usize = 3;
/// Beyond so many spreads a single point weighs no more in a mean.
const MOST: f64 = 10.0;
/// Distances are told up to here: of a series that never moved, any is infinite.
pub const FARTHEST: f64 = 1e6;

/// What was found in a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// What is normal for it.
    pub baseline: Baseline,
    /// When it was not, in order of onset.
    pub episodes: Vec<Episode>,
    /// The distance from normal at each point of the window, in spreads to its side; empty if there is no
    /// episode.
    pub scores: Vec<f32>,
}

/// Analyses series after series on one grid. Keeps its room between them; one for each thread.
#[derive(Debug)]
pub struct Analyst {
    grid: Grid,
    window: Range<usize>,
    scores: Vec<f64>,
    means: Vec<f64>,
    room: Vec<f64>,
    sums: Sums,
    up: Marks,
    down: Marks,
    swing: Marks,
}

impl Analyst {
    /// Asks about the points of `window`; those before it are the history. Weeks of history are best used,
    /// a day is enough to tell what is usual, some minutes are better than nothing.
    pub fn new(grid: &Grid, window: Range<usize>) -> Self {
        let end = window.end.min(grid.len());
        Self {
            grid: *grid,
            window: window.start.min(end)..end,
            scores: Vec::new(),
            means: Vec::new(),
            room: Vec::new(),
            sums: Sums::default(),
            up: Marks::default(),
            down: Marks::default(),
            swing: Marks::default(),
        }
    }

    /// What is normal for a series in the window, from its figures before.
    pub fn baseline(&mut self, values: &[f64], margin: Margin) -> Baseline {
        Baseline::new(&self.grid, values, &self.window, margin, &mut self.room)
    }

    /// What is normal for a series and when it was not. Figures behind the window are not looked at;
    /// figures that are not finite are gaps.
    pub fn analyse(&mut self, values: &[f64], margin: Margin) -> Analysis {
        let values = values.get(..self.window.end).unwrap_or(values);
        let baseline = self.baseline(values, margin);
        let mut episodes = Vec::new();
        still::find(&self.grid, values, &self.window, &mut episodes);
        let mut scores = Vec::new();
        if baseline.at(0).is_some() {
            self.score(values, &baseline);
            self.mark_levels();
            self.levels(values, &baseline, margin, &mut episodes);
            if !episodes.is_empty() {
                #[expect(clippy::cast_possible_truncation, reason = "within a million spreads")]
                let short = |score: &f64| *score as f32;
                let window = self.scores.get(self.window.clone()).unwrap_or_default();
                scores.extend(window.iter().map(short));
            }
            // Puts swings in the place of distances.
            self.mark_swings();
            self.swings(values, &mut episodes);
        }
        episodes.sort_by_key(|episode| episode.onset);
        Analysis {
            baseline,
            episodes,
            scores,
        }
    }

    /// The distance of every figure from normal.
    fn score(&mut self, values: &[f64], baseline: &Baseline) {
        self.scores.clear();
        let scored = values.iter().enumerate().map(|(point, value)| {
            let normal = baseline.at(point).filter(|_| value.is_finite());
            normal.map_or(f64::NAN, |normal| {
                let score = normal.score(*value);
                // Of figures at the end of what can be told, the difference may not be.
                if score.is_nan() {
                    0.0
                } else {
                    score.clamp(-FARTHEST, FARTHEST)
                }
            })
        });
        self.scores.extend(scored);
    }

    fn mark_levels(&mut self) {
        self.up.clear(&self.window);
        self.down.clear(&self.window);
        let history = self.window.start;
        for (number, (scale, least)) in SCALES.into_iter().zip(LEAST).enumerate() {
            if number > 0 && history < ENOUGH * scale {
                break;
            }
            // A single figure counts as it is, in longer means up to a bound.
            if number < 2 {
                let most = if number == 0 { FARTHEST } else { MOST };
                self.sums.of(&self.scores, most);
            }
            self.sums.means(scale, &mut self.means);
            let (before, now) = self.means.split_at(history.min(self.means.len()));
            for (sign, marks) in [(1.0, &mut self.up), (-1.0, &mut self.down)] {
                if let Some(reach) = Reach::of(&self.grid, before, sign, least, &mut self.room) {
                    marks.note(scale, now, &reach, sign);
                }
            }
        }
    }

    fn levels(
        &mut self,
        values: &[f64],
        baseline: &Baseline,
        margin: Margin,
        episodes: &mut Vec<Episode>,
    ) {
        for (direction, marks) in [(Direction::Up, &self.up), (Direction::Down, &self.down)] {
            let sign = direction.sign();
            for run in marks.runs() {
                let segment = Segment::find(&self.scores, sign, &run, self.window.end);
                let found =
                    episode::level(values, baseline, direction, &run, segment, self.window.end);
                // A mean over many points shows less than what matters.
                let matters =
                    |one: &Episode| (one.value - one.normal).abs() > margin.around(one.normal);
                episodes.extend(found.filter(matters));
            }
        }
    }

    /// Marks where figures jump about more than they did.
    fn mark_swings(&mut self) {
        self.swing.clear(&self.window);
        let history = self.window.start;
        if history < SWING_HISTORY {
            return;
        }
        let mut before = f64::NAN;
        for score in &mut self.scores {
            let now = *score;
            *score = (now - before).abs();
            before = now;
        }
        let (scale, least) = SWING;
        self.sums.of(&self.scores, MOST);
        self.sums.means(scale, &mut self.means);
        let (before, now) = self.means.split_at(history.min(self.means.len()));
        if let Some(reach) = Reach::of(&self.grid, before, 1.0, least, &mut self.room) {
            self.swing.note(scale, now, &reach, 1.0);
        }
    }

    fn swings(&mut self, values: &[f64], episodes: &mut Vec<Episode>) {
        for run in self.swing.runs() {
            let end = self.window.end;
            let segment = Segment::find(&self.scores, 1.0, &run, end);
            let Some(swing) = episode::swing(values, &run, segment, end) else {
                continue;
            };
            let meets = |one: &Episode, points: &Range<usize>| {
                let own = one.points(end);
                own.start < points.end && points.start < own.end
            };
            let around = segment.onset.min(run.points.start)..segment.end.max(run.points.end);
            let met = || episodes.iter().filter(|one| meets(one, &around));
            let spikes = met().filter(|one| one.shape == Shape::Spike).count();
            // A shift jumps twice, a spike too: they are told already. Many spikes are a swing.
            if met().count() > spikes || (1..MANY_SPIKES).contains(&spikes) {
                continue;
            }
            episodes.retain(|one| !meets(one, &around));
            episodes.push(swing);
        }
    }
}
