//! What some statements did, how long they took and when.

use crate::entry::Entry;
use crate::figures::Figures;
use crate::histogram::Histogram;
use crate::timeline::{Slot, Timeline};

/// What some statements did, how long they took and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// What they did.
    pub figures: Figures,
    /// Their times, in microseconds.
    pub times: Histogram,
    /// When they ended.
    pub timeline: Timeline,
}

impl Tally {
    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        let times = entry.rate.max(1);
        self.figures.add(entry);
        self.times.add(entry.query_us, times);
        if let Some(ended) = entry.ended_us {
            let slot = Slot {
                count: times,
                time_us: entry.query_us.saturating_mul(times),
            };
            self.timeline.add(ended, slot);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.figures.merge(&other.figures);
        self.times.merge(&other.times);
        self.timeline.merge(&other.timeline);
    }
}
