//! The moments an answer has figures for: a window and a step.

use storex_series::{Grid, Step};
use storex_sources::Window;
use storex_tool::ToolError;

use crate::span::shortest_of;

/// Steps people read easily, in seconds. Stores seldom keep figures closer than 15 s apart.
const STEPS: [u32; 15] = [
    15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400,
];

/// The grid of a window: by the step the caller names, else by one that gives some hundreds of points;
/// of `most` points at most.
///
/// # Errors
/// Bad input: more points than that, or none.
pub(crate) fn grid(window: Window, step_s: Option<u32>, most: usize) -> Result<Grid, ToolError> {
    let step = match step_s {
        Some(0) => {
            return Err(ToolError::bad_input(
                "argument `step_s`: must be 1 at least",
            ));
        }
        Some(seconds) => Step::of(seconds),
        None => shortest_of(&STEPS, window, Step::of(1)),
    };
    let grid = Grid::new(window.from, window.to, step);
    if grid.is_empty() {
        return Err(ToolError::bad_input(format!(
            "argument `step_s`: no multiple of {} s is in the window; ask for a shorter step or a longer window",
            step.seconds()
        )));
    }
    if grid.len() > most {
        return Err(ToolError::bad_input(format!(
            "argument `step_s`: {} points a series are more than are read at once ({most}); ask for a longer \
             step or a shorter window",
            grid.len()
        )));
    }
    Ok(grid)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn window(minutes: i64) -> Window {
        let to: Timestamp = "2026-11-23T12:00:07Z".parse().unwrap();
        Window {
            from: to - SignedDuration::from_mins(minutes),
            to,
        }
    }

    #[test]
    fn a_window_gives_some_hundreds_of_points_at_a_round_step() {
        for (minutes, step_s, points) in [
            (1, 15, 4),
            (60, 15, 240),
            (61, 30, 122),
            (24 * 60, 600, 144),
            (31 * 24 * 60, 14_400, 186),
        ] {
            let grid = grid(window(minutes), None, 1_500).unwrap();
            assert_eq!((grid.step().seconds(), grid.len()), (step_s, points));
        }
    }

    #[test]
    fn a_step_of_the_caller_is_taken_within_bounds() {
        assert_eq!(grid(window(10), Some(1), 1_500).unwrap().len(), 600);
        for (step_s, words) in [
            (0, "1 at least"),
            (1, "86400 points"),
            (604_800, "multiple"),
        ] {
            let error = grid(window(24 * 60), Some(step_s), 1_500).unwrap_err();
            assert!(error.message.contains(words), "{error}");
        }
    }
}
