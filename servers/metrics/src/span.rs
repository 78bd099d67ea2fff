//! The moments a question is answered on: the window asked about, and the past it is judged by.

use std::ops::Range;

use jiff::SignedDuration;
use storex_series::{Grid, Step};
use storex_sources::Window;

/// Points of the window, at most.
const WINDOW_POINTS: i64 = 240;
/// Points of the past right before it.
const PAST_POINTS: u32 = 1_200;
/// Steps people read easily, in seconds.
const STEPS: [u32; 14] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400,
];
/// Days that tell what is usual at an hour: two weeks show what weekdays do.
const DAYS: i64 = 15;
/// Between the points of these days.
const DAYS_STEP: u32 = 600;

/// A grid and the points of it that are asked about; those before are the past.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    /// All points.
    pub(crate) grid: Grid,
    /// Those asked about.
    pub(crate) window: Range<usize>,
}

impl Span {
    /// As finely as the store keeps figures, as far as the window is not cut into too many points, with
    /// five times as long a past.
    pub(crate) fn near(window: Window, resolution: Step) -> Self {
        let step = step(window, resolution);
        let past = SignedDuration::from_secs(i64::from(step.seconds()) * i64::from(PAST_POINTS));
        Self::of(window, past, step)
    }

    /// Two weeks before the window, to know the hours of the day and the days of the week by.
    pub(crate) fn days(window: Window, resolution: Step) -> Self {
        let step = Step::of(DAYS_STEP.max(resolution.seconds()));
        Self::of(window, SignedDuration::from_hours(DAYS * 24), step)
    }

    /// The moments asked about.
    pub(crate) fn shown(&self) -> Grid {
        let (from, to) = (
            self.grid.at(self.window.start),
            self.grid.at(self.window.end),
        );
        Grid::new(from, to, self.grid.step())
    }

    /// The window with a past. A window shorter than a step still has the step it ends in.
    fn of(window: Window, past: SignedDuration, step: Step) -> Self {
        let from = window.from.checked_sub(past).unwrap_or(window.from);
        let grid = Grid::new(from, window.to, step);
        let asked = grid.points(window.from, window.to);
        let end = grid.len();
        let start = asked.start.min(end.saturating_sub(1));
        Self {
            grid,
            window: start..end,
        }
    }
}

/// As finely as the store keeps figures, as far as a window is not cut into too many points.
pub(crate) fn step(window: Window, resolution: Step) -> Step {
    shortest_of(&STEPS, window, resolution)
}

/// The shortest of these steps, in seconds and in order, that is no finer than `resolution` and does not cut
/// a window into too many points; the longest where none does.
pub(crate) fn shortest_of(steps: &[u32], window: Window, resolution: Step) -> Step {
    let asked = window.to.duration_since(window.from).as_secs();
    let fits =
        |step: &&u32| **step >= resolution.seconds() && asked <= i64::from(**step) * WINDOW_POINTS;
    let longest = steps.last().copied().unwrap_or(1);
    Step::of(steps.iter().find(fits).copied().unwrap_or(longest))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn window(minutes: i64) -> Window {
        let to: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        Window {
            from: to - SignedDuration::from_mins(minutes),
            to,
        }
    }

    #[test]
    fn a_window_is_cut_no_finer_than_the_store_keeps_it() {
        for (minutes, resolution, step, points) in [
            (60, 1, 15, 240),
            (60, 60, 60, 60),
            (5, 1, 2, 150),
            (24 * 60, 15, 600, 144),
            (10, 7, 10, 60),
        ] {
            let span = Span::near(window(minutes), Step::of(resolution));
            assert_eq!(span.grid.step().seconds(), step);
            assert_eq!(span.window.len(), points);
            assert_eq!(span.window.start, PAST_POINTS as usize);
            assert_eq!(span.grid.len(), span.window.end);
        }
    }

    #[test]
    fn days_before_a_short_window_end_with_it() {
        let span = Span::days(window(5), Step::MINUTE);
        assert_eq!(span.window.len(), 1);
        assert_eq!(span.grid.len(), span.window.end);
        assert!(span.grid.len() >= 15 * 144);
    }
}
