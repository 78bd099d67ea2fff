//! A statistic of a series over time, and how far it ever went.

use jiff::SignedDuration;

use crate::Grid;
use crate::baseline::sampled;
use crate::robust::{DECILE, QUARTILE, finite_into, median, quantile};

/// Spreads beyond which a figure is unusual.
const UNUSUAL: f64 = 4.0;
/// A history of fewer figures has not shown how far its rare peaks go: the limit is where its tail leads if
/// it falls off exponentially, as that of waiting times does.
const SHORT: usize = 500;
/// That is so many times the distance between the 90th and the 97.5th percentile from the 90th on, where
/// a tail of that kind is as rare as four deviations of a normal distribution; of a normal one it is these.
const TAIL: f64 = 4.0;
/// Occasions after which something is a habit.
const HABIT: usize = 2;
/// Occasions from which on a short history is that of a series that peaks now and then, and times its
/// highest peak that may still come.
const OFTEN: usize = 3;
const NOT_YET: f64 = 1.25;
/// Figures below which nothing is said.
const FEWEST: usize = 8;
/// The spread of so few figures is told too small; widens it by its share of the figures there are.
const FEW: f64 = 10.0;
/// Points by which what goes on may be interrupted.
const GOES_ON: usize = 3;
/// Times on which something happened are one occasion if they are less apart.
const APART: SignedDuration = SignedDuration::from_hours(2);
/// The same in points, and as a share of a short history.
const APART_POINTS: (usize, usize) = (6, 20);

/// Sums from the begin, for means over trailing points at any scale.
#[derive(Debug, Default)]
pub(super) struct Sums {
    sums: Vec<f64>,
    counts: Vec<u32>,
}

impl Sums {
    /// Of finite figures, each within plus or minus `most`.
    pub(super) fn of(&mut self, figures: &[f64], most: f64) {
        self.sums.clear();
        self.counts.clear();
        let (mut sum, mut count) = (0.0, 0);
        self.sums.push(sum);
        self.counts.push(count);
        for figure in figures {
            if figure.is_finite() {
                sum += figure.clamp(-most, most);
                count += 1;
            }
            self.sums.push(sum);
            self.counts.push(count);
        }
    }

    /// The means over `scale` points up to and with each point; NaN where more than half of them are
    /// missing.
    pub(super) fn means(&self, scale: usize, into: &mut Vec<f64>) {
        into.clear();
        let points = self.sums.len().saturating_sub(1);
        into.resize(points.min(scale - 1), f64::NAN);
        let later = self.sums.iter().zip(&self.counts).skip(scale);
        let earlier = self.sums.iter().zip(&self.counts);
        into.extend(later.zip(earlier).map(|((sum, count), (before, had))| {
            let count = count - had;
            if 2 * count as usize >= scale {
                (sum - before) / f64::from(count)
            } else {
                f64::NAN
            }
        }));
    }
}

/// How far a statistic went in history, to one side.
#[derive(Debug)]
pub(super) struct Reach {
    centre: f64,
    /// A standard deviation to this side, or what stands for one.
    spread: f64,
    /// So far from the centre a figure is unusual.
    limit: f64,
    /// The farthest of each occasion on which it went beyond what its spread explains, farthest first.
    peaks: Vec<f64>,
}

impl Reach {
    /// Of a statistic whose greater figures are asked about; `sign` is -1 for the lesser.
    pub(super) fn of(
        grid: &Grid,
        history: &[f64],
        sign: f64,
        least: f64,
        room: &mut Vec<f64>,
    ) -> Option<Self> {
        finite_into(sampled(history), room);
        if room.len() < FEWEST {
            return None;
        }
        let widened = 1.0 + FEW / room.len() as f64;
        let centre = median(room);
        let figures = room.len();
        let mut outer = |share: f64, deviations: f64| {
            let share = if sign < 0.0 { 1.0 - share } else { share };
            sign * (quantile(room, share) - centre) / deviations
        };
        let spread = outer(0.75, QUARTILE).max(outer(0.9, DECILE)).max(least) * widened;
        let tail = if figures < SHORT {
            let tenth = outer(0.9, 1.0);
            tenth + TAIL * (outer(0.975, 1.0) - tenth)
        } else {
            0.0
        };
        let mut reach = Self {
            centre,
            spread,
            limit: (UNUSUAL * spread).max(tail),
            peaks: Vec::new(),
        };
        let (least_apart, share) = APART_POINTS;
        let apart =
            (history.len() / share).clamp(least_apart, grid.steps_in(APART).max(2 * least_apart));
        reach.find_peaks(history, sign, apart);
        let habit = if figures < SHORT && reach.peaks.len() >= OFTEN {
            reach.peaks.first().map(|peak| peak * NOT_YET)
        } else {
            reach.peaks.get(HABIT - 1).copied()
        };
        reach.limit = habit.map_or(reach.limit, |habit| habit.max(reach.limit));
        Some(reach)
    }

    /// An occasion goes on while the statistic stays beyond the limit, and takes in what comes back within
    /// `apart` of its begin; so what comes every quarter of an hour is many occasions, and what lasts half a
    /// day is one.
    fn find_peaks(&mut self, history: &[f64], sign: f64, apart: usize) {
        let (mut first, mut last) = (None, 0);
        for (point, figure) in history.iter().enumerate() {
            let away = sign * (figure - self.centre);
            // A gap is not beyond anything either.
            if away.is_nan() || away <= self.limit {
                continue;
            }
            let same = first.is_some_and(|first| point - first < apart || point - last <= GOES_ON);
            if let Some(peak) = self.peaks.last_mut().filter(|_| same) {
                *peak = peak.max(away);
            } else {
                self.peaks.push(away);
                first = Some(point);
            }
            last = point;
        }
        self.peaks.sort_by(|one, other| other.total_cmp(one));
    }

    /// How far a figure is from the centre, in spreads, and on how many occasions it was as far; `None` if that
    /// is usual.
    pub(super) fn unusual(&self, figure: f64, sign: f64) -> Option<(f64, usize)> {
        let away = sign * (figure - self.centre);
        (away > self.limit).then(|| {
            let before = self.peaks.iter().take_while(|peak| **peak >= away).count();
            (away / self.spread, before)
        })
    }
}
