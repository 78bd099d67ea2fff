//! The points of a window at which a statistic was unusual.

use std::ops::Range;

use super::channel::Reach;

/// Marks fewer points apart than this belong together.
const JOIN: usize = 6;

/// What was unusual at a point.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Of the smallest scale that showed it.
    scale: usize,
    /// The mean at that scale.
    height: f64,
    /// The farthest at any scale.
    score: f64,
    /// Occasions in history on which that was as far.
    before: usize,
}

/// A mark, or none, for each point of a window.
#[derive(Debug, Default)]
pub(super) struct Marks {
    start: usize,
    marks: Vec<Option<Mark>>,
}

/// Marks that belong together.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// From the first mark to the last.
    pub(super) points: Range<usize>,
    /// The median mean over the fewest points that showed any of it.
    pub(super) height: f64,
    /// The farthest.
    pub(super) score: f64,
    /// Occasions in history on which a statistic was as far.
    pub(super) before: usize,
}

impl Marks {
    pub(super) fn clear(&mut self, window: &Range<usize>) {
        self.start = window.start;
        self.marks.clear();
        self.marks.resize(window.len(), None);
    }

    /// Marks what is unusual in a window's means. Scales come in order, the smallest first.
    pub(super) fn note(&mut self, scale: usize, means: &[f64], reach: &Reach, sign: f64) {
        for (mark, mean) in self.marks.iter_mut().zip(means) {
            let Some((score, before)) = reach.unusual(*mean, sign) else {
                continue;
            };
            let mark = mark.get_or_insert(Mark {
                scale,
                height: sign * mean,
                score,
                before,
            });
            if score > mark.score {
                mark.score = score;
                mark.before = before;
            }
        }
    }

    /// The runs of marks.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let run = self.run_from(from)?;
            from = run.points.end - self.start;
            Some(run)
        })
    }

    fn run_from(&self, from: usize) -> Option<Run> {
        let rest = self.marks.get(from..)?;
        let first = from + rest.iter().position(Option::is_some)?;
        let mut end = first;
        for (place, mark) in self.marks.iter().enumerate().skip(first) {
            if mark.is_some() {
                end = place + 1;
            } else if place >= end + JOIN {
                break;
            }
        }
        let marks = || self.marks.get(first..end).into_iter().flatten().flatten();
        let scale = marks().map(|mark| mark.scale).min()?;
        let mut heights: Vec<f64> = marks()
            .filter(|mark| mark.scale == scale)
            .map(|mark| mark.height)
            .collect();
        let farthest = marks().max_by(|one, other| one.score.total_cmp(&other.score))?;
        Some(Run {
            points: self.start + first..self.start + end,
            height: crate::robust::median(&mut heights),
            score: farthest.score,
            before: farthest.before,
        })
    }
}
