//! Where an episode begins and ends.

use super::marks::Run;

/// How far the sum may fall before a search ends: as much as six points at normal take away.
const PATIENCE: f64 = 3.0;
/// Points beyond the last mark that may still belong to it.
const BEYOND: usize = 6;

/// A stretch at a level of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// Its first point.
    pub(super) onset: usize,
    /// The first point after it.
    pub(super) end: usize,
}

impl Segment {
    /// The stretch around a run of marks in which the distance is nearer to the run's height than to
    /// nought: where the cumulative sum of what is beyond half the height is greatest (Page's estimate of the
    /// time of change), first backwards from the first mark, then forwards from there.
    pub(super) fn find(scores: &[f64], sign: f64, run: &Run, window_end: usize) -> Self {
        let height = run.height;
        let gain = |score: &f64| {
            if score.is_finite() && height > 0.0 {
                (sign * score).clamp(-0.5 * height, 1.5 * height) / height - 0.5
            } else {
                0.0
            }
        };
        let first = run.points.start;
        let back = scores.get(..=first).unwrap_or(scores).iter().rev();
        let onset = (first + 1).saturating_sub(highest(back.map(gain), PATIENCE));
        // A mean over many points shows a level for some time after it has gone.
        let last = (run.points.end + BEYOND).min(window_end);
        let ahead = scores.get(onset..last).unwrap_or_default();
        let length = highest(ahead.iter().map(gain), f64::INFINITY);
        Self {
            onset,
            end: (onset + length).min(window_end.max(onset + 1)),
        }
    }
}

/// How many gains, from the first on, sum up to most; at least one. Ends where the sum has fallen by
/// `patience` from there.
fn highest(gains: impl Iterator<Item = f64>, patience: f64) -> usize {
    let (mut sum, mut most, mut length) = (0.0, f64::NEG_INFINITY, 1);
    for (place, gain) in gains.enumerate() {
        sum += gain;
        if sum > most {
            (most, length) = (sum, place + 1);
        } else if sum < most - patience {
            break;
        }
    }
    length
}
