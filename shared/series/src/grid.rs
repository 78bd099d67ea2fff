//! The moments a set of series has figures for.

use std::num::NonZeroU32;
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

/// The time between two points, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(NonZeroU32);

impl Step {
    /// A minute.
    pub const MINUTE: Self = Self::of(60);

    /// `seconds`, at least one.
    pub const fn of(seconds: u32) -> Self {
        match NonZeroU32::new(seconds) {
            Some(seconds) => Self(seconds),
            None => Self(NonZeroU32::MIN),
        }
    }

    /// In seconds.
    pub const fn seconds(self) -> u32 {
        self.0.get()
    }
}

/// Moments one step apart: those all series of an answer have figures for. They are whole multiples of
/// the step since the epoch, so grids of the same step fall on the same moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// The first moment, in steps since the epoch.
    first: i64,
    step: Step,
    points: usize,
}

impl Grid {
    /// The moments at or after `from` and before `to`.
    pub fn new(from: Timestamp, to: Timestamp, step: Step) -> Self {
        let first = steps_up_to(from, step);
        let end = steps_up_to(to, step);
        Self {
            first,
            step,
            points: usize::try_from(end - first).unwrap_or(0),
        }
    }

    /// The time between two moments.
    pub fn step(&self) -> Step {
        self.step
    }

    /// How many moments there are.
    pub fn len(&self) -> usize {
        self.points
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.points == 0
    }

    /// The first moment.
    pub fn start(&self) -> Timestamp {
        self.at(0)
    }

    /// The moment after the last.
    pub fn end(&self) -> Timestamp {
        self.at(self.points)
    }

    /// The moment of a point; beyond the last one goes on by the step.
    pub fn at(&self, point: usize) -> Timestamp {
        let steps = self.first.saturating_add_unsigned(point as u64);
        let seconds = steps.saturating_mul(i64::from(self.step.seconds()));
        Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
    }

    /// The point whose moment is `at` or the last before it, if that is on the grid.
    pub fn point(&self, at: Timestamp) -> Option<usize> {
        let steps = at.as_second().div_euclid(i64::from(self.step.seconds()));
        let point = usize::try_from(steps - self.first).ok()?;
        (point < self.points).then_some(point)
    }

    /// The points at or after `from` and before `to`.
    pub fn points(&self, from: Timestamp, to: Timestamp) -> Range<usize> {
        let bound = |at: Timestamp| {
            let steps = steps_up_to(at, self.step) - self.first;
            usize::try_from(steps).unwrap_or(0).min(self.points)
        };
        let (from, to) = (bound(from), bound(to));
        from..to.max(from)
    }

    /// The time so many steps take.
    pub fn time_of(&self, steps: usize) -> SignedDuration {
        let steps = i64::try_from(steps).unwrap_or(i64::MAX);
        SignedDuration::from_secs(steps.saturating_mul(i64::from(self.step.seconds())))
    }

    /// How many points cover `time`, at least one.
    pub fn steps_in(&self, time: SignedDuration) -> usize {
        let steps = time.as_secs().max(0) / i64::from(self.step.seconds());
        usize::try_from(steps).unwrap_or(usize::MAX).max(1)
    }
}

/// Steps since the epoch, rounded up to a whole one.
fn steps_up_to(at: Timestamp, step: Step) -> i64 {
    let whole = at.as_second().div_euclid(i64::from(step.seconds()));
    let exact = Timestamp::from_second(whole * i64::from(step.seconds()));
    whole + i64::from(exact.is_ok_and(|exact| exact < at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn moments_are_multiples_of_the_step_within_the_window() {
        let grid = Grid::new(at(61), at(300), Step::MINUTE);
        assert_eq!(grid.len(), 3);
        assert_eq!(grid.start(), at(120));
        assert_eq!(grid.end(), at(300));
    }

    #[test]
    fn a_point_is_found_by_any_moment_of_its_step() {
        let grid = Grid::new(at(120), at(300), Step::MINUTE);
        assert_eq!(grid.point(at(119)), None);
        assert_eq!(grid.point(at(120)), Some(0));
        assert_eq!(grid.point(at(299)), Some(2));
        assert_eq!(grid.point(at(300)), None);
        assert_eq!(grid.points(at(121), at(900)), 1..3);
        assert_eq!(grid.points(at(0), at(100)), 0..0);
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_empty() {
        assert!(Grid::new(at(300), at(120), Step::MINUTE).is_empty());
    }
}
