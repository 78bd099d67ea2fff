//! Daily and weekly rhythm.

use crate::Grid;
use crate::robust::{finite_into, median, quantile};

use super::{Basis, FEWEST, Margin, Normal};

/// Slots of a day. A slot's figures are those of its half hour and of a quarter of an hour to either
/// side, so that a job that starts some minutes later is no surprise.
const SLOTS: usize = 48;
/// Share of the movement a rhythm must explain.
const STRONG: f64 = 0.5;
/// Of the distance from the daily rhythm: so much less makes a weekly one worth its fewer figures.
const MUCH_LESS: f64 = 0.6;
/// The share of days by which a rhythm is judged.
const DAYS: f64 = 0.8;
/// Seconds; a coarser step shows no rhythm of a day.
const COARSEST: u32 = 14_400;
/// Periods of history below which there is no rhythm to see.
const PERIODS: usize = 2;
/// Figures of a slot that are looked at at most.
const SAMPLE: usize = 240;

/// A day or a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    Day,
    Week,
}

impl Period {
    const fn days(self) -> usize {
        match self {
            Self::Day => 1,
            Self::Week => 7,
        }
    }
}

/// What is normal at each time of a day or week.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seasonal {
    period: Period,
    /// Of the history, rounded to the nearest.
    periods: usize,
    figures: usize,
    /// Steps since the epoch of the grid's first point, within the period.
    phase: usize,
    /// Points of a slot.
    slot: usize,
    slots: Vec<Normal>,
    /// The distance from the rhythm, as a share of that from the centre.
    left: f64,
}

impl Seasonal {
    /// The rhythm of a history, if it has one: of days, or of weeks if that tells much more. A grid whose step
    /// does not divide the day, or divides it into too few points, shows none.
    pub(crate) fn strongest(
        grid: &Grid,
        past: &[f64],
        margin: Margin,
        floor: f64,
        room: &mut Vec<f64>,
    ) -> Option<Self> {
        let step = grid.step().seconds();
        if 86_400 % step != 0 || step > COARSEST {
            return None;
        }
        let weekly = Self::new(grid, past, Period::Week, margin, floor, room);
        let daily = Self::new(grid, past, Period::Day, margin, floor, room);
        match (weekly, daily) {
            (Some(weekly), Some(daily)) if weekly.left > MUCH_LESS * daily.left => Some(daily),
            (weekly, daily) => weekly.or(daily),
        }
    }

    /// From history; `None` if there is not enough of it, or no rhythm in it.
    pub(crate) fn new(
        grid: &Grid,
        past: &[f64],
        period: Period,
        margin: Margin,
        floor: f64,
        room: &mut Vec<f64>,
    ) -> Option<Self> {
        let step = grid.step().seconds() as usize;
        let day = 86_400 / step;
        let points = day * period.days();
        let first = past.iter().position(|value| value.is_finite())?;
        let periods = (past.len() - first + points / 8) / points;
        if periods < PERIODS {
            return None;
        }
        let slot = (day / SLOTS).max(1);
        let phase =
            usize::try_from(grid.start().as_second() / i64::from(grid.step().seconds())).ok()?;
        let mut seasonal = Self {
            period,
            periods,
            figures: past.len() - first,
            phase: phase % points,
            slot,
            slots: Vec::with_capacity(points / slot),
            left: 1.0,
        };
        for number in 0..points / slot {
            seasonal.gather(past, number, points, room);
            if room.len() < FEWEST.min(PERIODS * slot) {
                return None;
            }
            let centre = median(room);
            let normal = Normal::of(room, margin.around(centre).max(floor));
            seasonal.slots.push(normal);
        }
        seasonal.left = seasonal.distance(past, day, room);
        // Hyndman and Athanasopoulos's strength of seasonality (Forecasting: Principles and Practice, 6.7),
        // of absolute instead of squared deviations.
        (1.0 - seasonal.left.powi(2) >= STRONG).then_some(seasonal)
    }

    pub(crate) fn basis(&self) -> Basis {
        match self.period {
            Period::Day => Basis::Daily { days: self.periods },
            Period::Week => Basis::Weekly {
                weeks: self.periods,
            },
        }
    }

    pub(crate) fn figures(&self) -> usize {
        self.figures
    }

    /// The figures of a slot in all periods.
    fn gather(&self, past: &[f64], number: usize, points: usize, room: &mut Vec<f64>) {
        let around = self.slot / 2;
        let wide = self.slot + 2 * around;
        let stride = (wide * self.periods).div_ceil(SAMPLE).max(1);
        // The point at which the slot, with its quarter before, begins for the first time, a period early
        // so that a part of one at the begin of history counts too.
        let begin = number * self.slot + 2 * points - around - self.phase;
        let begin = begin % points;
        let starts = (0..=past.len() / points + 1).map(|times| begin + times * points);
        let of_one = |start: usize| {
            (start..start + wide)
                .step_by(stride)
                .filter_map(|point| past.get(point.checked_sub(points)?))
                .copied()
        };
        finite_into(starts.flat_map(of_one), room);
    }

    /// What is normal at a point: between the middles of slots by a straight line, with the wider spread.
    pub(crate) fn at(&self, point: usize) -> Normal {
        let count = self.slots.len().max(1);
        let place = (self.phase + point) % (count * self.slot);
        let (number, within) = (place / self.slot, place % self.slot);
        let part = (within as f64 + 0.5) / self.slot as f64 - 0.5;
        let neighbour = if part < 0.0 {
            number + count - 1
        } else {
            number + 1
        } % count;
        let (Some(here), Some(there)) = (self.slots.get(number), self.slots.get(neighbour)) else {
            return Normal {
                centre: f64::NAN,
                below: f64::NAN,
                above: f64::NAN,
            };
        };
        let part = part.abs();
        Normal {
            centre: here.centre * (1.0 - part) + there.centre * part,
            below: here.below.max(there.below),
            above: here.above.max(there.above),
        }
    }

    /// The mean distance of a day's figures from the rhythm, as a share of that from the median of all; of
    /// either that which one day in five exceeds: an incident of a day does not hide the rhythm of the others,
    /// weekends show.
    fn distance(&self, past: &[f64], day: usize, room: &mut Vec<f64>) -> f64 {
        finite_into(super::sampled(past), room);
        let centre = median(room);
        let stride = past.len().div_ceil(super::SAMPLE).max(1);
        let (mut left, mut all) = (Vec::new(), Vec::new());
        for (number, figures) in past.chunks(day.max(1)).enumerate() {
            let (mut from_rhythm, mut from_centre, mut count) = (0.0, 0.0, 0.0);
            for (place, value) in figures.iter().enumerate().step_by(stride) {
                if value.is_finite() {
                    from_rhythm += (value - self.at(number * day + place).centre).abs();
                    from_centre += (value - centre).abs();
                    count += 1.0;
                }
            }
            if count > 0.0 {
                left.push(from_rhythm / count);
                all.push(from_centre / count);
            }
        }
        let (left, all) = (quantile(&mut left, DAYS), quantile(&mut all, DAYS));
        if all > 0.0 { left / all } else { 1.0 }
    }
}
