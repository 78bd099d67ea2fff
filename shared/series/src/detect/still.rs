//! Stretches in which a series says nothing new: no figure, or the same one.

use std::ops::Range;

use jiff::SignedDuration;

use crate::Grid;

use super::{Direction, Episode, Shape};

/// Points below which a gap is no word worth.
const GAP: usize = 3;
/// Points below which it is no wonder that a figure stays the same.
const FLAT: usize = 16;
/// Times the longest stretch in history.
const LONGER: usize = 2;
/// Share of the points of history at which a series has to say something else than before, for a flat
/// stretch to be unusual.
const LIVELY: f64 = 0.5;
/// Figures a series must have had shortly before it can be missed.
const ALIVE: usize = 8;

/// Appends what it finds in the window.
pub(super) fn find(grid: &Grid, values: &[f64], window: &Range<usize>, found: &mut Vec<Episode>) {
    let before = Before::of(grid, values, window.start);
    if before.figures < ALIVE {
        return;
    }
    let mut run = before.open;
    for point in window.clone() {
        let value = values.get(point).copied().unwrap_or(f64::NAN);
        let next = run.then(value, point);
        if next.start == point {
            before.tell(&run, point, Some(point), window, found);
        }
        run = next;
    }
    before.tell(&run, window.end, None, window, found);
}

/// A stretch of one figure, or of none.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    value: f64,
    start: usize,
}

impl Stretch {
    /// With one more figure: the same stretch, or a new one.
    #[expect(
        clippy::float_cmp,
        reason = "a figure that stays the same is the same to the bit"
    )]
    fn then(self, value: f64, point: usize) -> Self {
        if value == self.value || (!value.is_finite() && !self.value.is_finite()) {
            self
        } else {
            Self {
                value,
                start: point,
            }
        }
    }
}

/// What history was like.
struct Before {
    /// In the last day.
    figures: usize,
    /// The share of points at which the figure changed.
    lively: f64,
    /// Points of the longest stretches.
    longest_gap: usize,
    longest_flat: usize,
    /// The stretch that was on when the window began.
    open: Stretch,
}

impl Before {
    fn of(grid: &Grid, values: &[f64], until: usize) -> Self {
        let past = values.get(..until).unwrap_or(values);
        let day = past
            .len()
            .saturating_sub(grid.steps_in(SignedDuration::from_hours(24)).max(4 * ALIVE));
        let (mut changes, mut figures) = (0, 0);
        let mut before = Self {
            figures: 0,
            lively: 0.0,
            longest_gap: 0,
            longest_flat: 0,
            open: Stretch {
                value: f64::NAN,
                start: 0,
            },
        };
        for (point, value) in past.iter().enumerate() {
            let next = before.open.then(*value, point);
            if next.start == point && point > 0 {
                before.close(point);
                changes += 1;
            }
            before.open = next;
            figures += usize::from(value.is_finite());
            before.figures += usize::from(value.is_finite() && point >= day);
        }
        before.lively = f64::from(changes) / figures.max(1) as f64;
        before
    }

    fn close(&mut self, point: usize) {
        let length = point - self.open.start;
        // What came before the first figure is no gap.
        if self.open.value.is_finite() {
            self.longest_flat = self.longest_flat.max(length);
        } else if self.open.start > 0 {
            self.longest_gap = self.longest_gap.max(length);
        }
    }

    /// Appends a stretch that ended before `until`, if it is worth it.
    fn tell(
        &self,
        run: &Stretch,
        until: usize,
        end: Option<usize>,
        window: &Range<usize>,
        found: &mut Vec<Episode>,
    ) {
        let gap = !run.value.is_finite();
        let (least, longest) = if gap {
            (GAP, self.longest_gap)
        } else {
            (FLAT, self.longest_flat)
        };
        let length = until - run.start;
        let lively = gap || self.lively >= LIVELY;
        let within = until > window.start;
        if !within || !lively || length < least.max(LONGER * longest + 1) {
            return;
        }
        found.push(Episode {
            shape: if gap { Shape::Gap } else { Shape::Flat },
            direction: Direction::Down,
            onset: run.start,
            end,
            shown: (run.start + least.max(LONGER * longest + 1)).min(until) - 1,
            value: run.value,
            peak: run.value,
            normal: f64::NAN,
            score: length as f64 / longest.max(1) as f64,
            before: 0,
        });
    }
}
