//! What an episode is told as.

use std::ops::Range;

use crate::baseline::Baseline;
use crate::robust::{finite_into, median};

use super::marks::Run;
use super::segment::Segment;

/// Points up to which what has ended is a spike; what is still on is one while it may have ended.
const SHORT: usize = 6;
/// Points below which a slope cannot be told from a shift.
const SLOPE: usize = 9;
/// Of the distance of its last third: what a slope has grown by since its first third.
const GROWN: f64 = 0.45;
/// Points at normal at the window's end that do not say an episode is over.
const OPEN: usize = 2;

/// To which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// More than is normal.
    Up,
    /// Less.
    Down,
}

impl Direction {
    pub(crate) const fn sign(self) -> f64 {
        match self {
            Self::Up => 1.0,
            Self::Down => -1.0,
        }
    }
}

/// How a series left normal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// To another level, from one point to the next.
    Shift,
    /// For some points only; or it began with the last points there are.
    Spike,
    /// Farther and farther.
    Slope,
    /// It jumps about more than it did, around the same level.
    Swing,
    /// It says the same all the time, and did not before.
    Flat,
    /// It has no figures, and had some before.
    Gap,
}

impl Shape {
    /// As answers write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Spike => "spike",
            Self::Slope => "slope",
            Self::Swing => "swing",
            Self::Flat => "flat",
            Self::Gap => "gap",
        }
    }
}

/// A time in which a series was not normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Episode {
    /// How it left.
    pub shape: Shape,
    /// To which side; flat and gap have none, and say down.
    pub direction: Direction,
    /// The first point that was not normal. May lie before the window.
    pub onset: usize,
    /// The first point that was normal again; `None` while it is still on at the window's end.
    pub end: Option<usize>,
    /// The first point at which what had come until then showed it.
    pub shown: usize,
    /// The median of its figures; of a swing, the mean step between them. NaN of a gap.
    pub value: f64,
    /// Its farthest figure; of a swing as `value`. NaN of a gap.
    pub peak: f64,
    /// What was normal in the middle of it; of a swing, the mean step before it.
    pub normal: f64,
    /// How far it went, in robust standard deviations of what is usual (of the statistic that showed it
    /// best). Of flat and gap: how many times as long as ever before.
    pub score: f64,
    /// On how many occasions in history it had gone as far.
    pub before: usize,
}

impl Episode {
    /// Times normal; `None` where normal is nought.
    pub fn ratio(&self) -> Option<f64> {
        let ratio = self.value / self.normal;
        ratio.is_finite().then_some(ratio)
    }

    /// Its points; those of one that is still on go up to `window_end`.
    pub fn points(&self, window_end: usize) -> Range<usize> {
        self.onset..self.end.unwrap_or(window_end).max(self.onset + 1)
    }
}

/// A run of marks of the level.
pub(super) fn level(
    values: &[f64],
    baseline: &Baseline,
    direction: Direction,
    run: &Run,
    segment: Segment,
    window_end: usize,
) -> Option<Episode> {
    let mut onset = segment.onset;
    let end = ended(values, segment.end, window_end);
    let points = onset..end.unwrap_or(window_end);
    let mut room = Vec::with_capacity(points.len());
    finite_into(values.get(points.clone())?.iter().copied(), &mut room);
    let value = median(&mut room);
    let farther = |one: &&f64, other: &&f64| {
        (direction.sign() * **one).total_cmp(&(direction.sign() * **other))
    };
    let peak = room.iter().max_by(farther).copied()?;
    let middle = onset + points.len() / 2;
    let normal = baseline.at(middle)?.centre;
    let short = if end.is_some() { SHORT } else { OPEN };
    let shape = if points.len() <= short {
        Shape::Spike
    } else if let Some(begin) = slope(values, baseline, direction, &points, &mut room) {
        onset = begin;
        Shape::Slope
    } else {
        Shape::Shift
    };
    Some(Episode {
        shape,
        direction,
        onset,
        end,
        shown: run.points.start.max(onset),
        value,
        peak,
        normal,
        score: run.score,
        before: run.before,
    })
}

/// A run of marks of the swing.
pub(super) fn swing(
    values: &[f64],
    run: &Run,
    segment: Segment,
    window_end: usize,
) -> Option<Episode> {
    let end = ended(values, segment.end, window_end);
    let length = end.unwrap_or(window_end) - segment.onset;
    let before = segment.onset.saturating_sub(4 * length)..segment.onset;
    let value = mean_step(values.get(segment.onset.saturating_sub(1)..segment.onset + length)?)?;
    Some(Episode {
        shape: Shape::Swing,
        direction: Direction::Up,
        onset: segment.onset,
        end,
        shown: run.points.start.max(segment.onset),
        value,
        peak: value,
        normal: mean_step(values.get(before)?)?,
        score: run.score,
        before: run.before,
    })
}

/// The end, unless so few figures follow it that it may go on.
fn ended(values: &[f64], end: usize, window_end: usize) -> Option<usize> {
    let after = values.get(end..window_end).unwrap_or_default();
    let figures = after.iter().filter(|value| value.is_finite()).count();
    (figures > OPEN).then_some(end)
}

/// Where a slope left normal, if these points are one: the line through the medians of its first and last
/// third, back to the centre.
fn slope(
    values: &[f64],
    baseline: &Baseline,
    direction: Direction,
    points: &Range<usize>,
    room: &mut Vec<f64>,
) -> Option<usize> {
    let third = points.len() / 3;
    if points.len() < SLOPE {
        return None;
    }
    let mut distance = |from: usize| {
        let away = |point: usize| {
            let normal = baseline.at(point)?.centre;
            Some(direction.sign() * (values.get(point)? - normal))
        };
        finite_into((from..from + third).filter_map(away), room);
        median(room)
    };
    let (early, middle, late) = (
        distance(points.start),
        distance(points.start + third),
        distance(points.end - third),
    );
    let growth = late - early;
    let steady = middle > early + 0.2 * growth && middle < late - 0.2 * growth;
    if !steady || growth.is_nan() || growth < GROWN * late {
        return None;
    }
    let per_point = growth / (points.len() - third) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nought and the length of the episode"
    )]
    let back = (early / per_point - third as f64 / 2.0).clamp(0.0, points.len() as f64) as usize;
    let foot = points.start.saturating_sub(back);
    // The line may lead back beyond where the series was still at normal: two points there are enough.
    let at_normal = |point: &usize| {
        let away = |point: usize| {
            let value = values.get(point)?;
            Some(direction.sign() * (value - baseline.at(point)?.centre))
        };
        let here = |point: usize| away(point).is_none_or(|away| away <= 0.0);
        here(*point) && point.checked_sub(1).is_some_and(here)
    };
    let left = (foot..points.start).rev().find(at_normal);
    Some(left.map_or(foot, |point| point + 1))
}

/// The mean of the steps between figures.
fn mean_step(values: &[f64]) -> Option<f64> {
    let steps = values.iter().zip(values.iter().skip(1));
    let (mut sum, mut count) = (0.0, 0_u32);
    for step in steps.map(|(value, next)| (next - value).abs()) {
        if step.is_finite() {
            sum += step;
            count += 1;
        }
    }
    (count > 0).then(|| sum / f64::from(count))
}
