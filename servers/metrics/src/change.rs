//! What differs between two windows of the same series, or of two instances; the most telling first.

use std::collections::BTreeMap;

use storex_series::{Difference, Margin, Series, SeriesId, compare};
use storex_sources::{Signal, Worse, signal};

/// A series that differs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change<'s> {
    pub(crate) series: &'s Series,
    /// Where it is one of the vocabulary.
    pub(crate) signal: Option<&'static Signal>,
    pub(crate) difference: Difference,
}

/// All that was held against each other.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Changes<'s> {
    pub(crate) changed: Vec<Change<'s>>,
    /// Series that do not differ.
    pub(crate) same: usize,
    /// Series with too few figures in one of the windows.
    pub(crate) unknown: usize,
}

impl<'s> Changes<'s> {
    /// Holds the series of now against those before, by name.
    pub(crate) fn of(before: &[Series], now: &'s [Series]) -> Self {
        let before: BTreeMap<&SeriesId, &Series> =
            before.iter().map(|series| (&series.id, series)).collect();
        let mut changes = Self::default();
        for series in now {
            let signal = signal(&series.id.name).filter(|_| series.id.labels.is_empty());
            let margin = signal.map_or(Margin::RELATIVE, |signal| Margin::of(signal.unit));
            let old = before.get(&series.id);
            match old.and_then(|old| compare(&old.values, &series.values, margin)) {
                None => changes.unknown += 1,
                Some(difference) if difference.differs => changes.changed.push(Change {
                    series,
                    signal,
                    difference,
                }),
                Some(_) => changes.same += 1,
            }
        }
        let weight = |change: &Change<'_>| (change.is_worse(), change.strength());
        changes.changed.sort_by(|one, other| {
            let ((one_worse, one), (other_worse, other)) = (weight(one), weight(other));
            other_worse
                .cmp(&one_worse)
                .then_with(|| other.total_cmp(&one))
        });
        changes
    }

    /// How many could be told.
    pub(crate) fn compared(&self) -> usize {
        self.changed.len() + self.same
    }
}

impl Change<'_> {
    /// Whether it went the way that is worse, as far as that is known.
    pub(crate) fn is_worse(&self) -> bool {
        let up = self.rise() > 0.0;
        match self.signal.map(|signal| signal.worse) {
            Some(Worse::Up) => up,
            Some(Worse::Down) => !up,
            Some(Worse::Both) => true,
            None => false,
        }
    }

    /// How much its figures rose: the middle, or the tail where only that moved.
    fn rise(&self) -> f64 {
        if self.difference.by == 0.0 {
            self.difference.now.p95 - self.difference.before.p95
        } else {
            self.difference.by
        }
    }

    /// From 0 to 1: how surely figures of now are greater or less, and by which share of both.
    fn strength(&self) -> f64 {
        let Difference { before, now, .. } = self.difference;
        let size = before.median.abs() + now.median.abs();
        let share = (self.rise().abs() / size.max(f64::MIN_POSITIVE)).min(1.0);
        self.difference.effect.abs() * share
    }
}

#[cfg(test)]
mod tests {
    use storex_series::{Kind, Unit};

    use super::*;

    /// Figures around a level, none twice.
    fn around(name: &str, level: f64) -> Series {
        let wiggle = |n: i32| level * (1.0 + f64::from((n * 37) % 11 - 5) / 200.0);
        Series {
            id: SeriesId::named(name),
            kind: Kind::Gauge,
            unit: signal(name).map_or(Unit::Count, |signal| signal.unit),
            values: (0..40).map(wiggle).collect(),
        }
    }

    #[test]
    fn what_went_for_the_worse_comes_first_and_the_rest_is_counted() {
        let before = [
            around("qps", 100.0),
            around("disk_free_bytes", 4e9),
            around("threads_running", 8.0),
            around("row_lock_waits_per_s", 2.0),
            around("cpu_util", 0.5),
        ];
        let now = [
            around("qps", 101.0),
            around("disk_free_bytes", 9e9),
            around("threads_running", 12.0),
            around("row_lock_waits_per_s", 60.0),
            around("cpu_util", 0.5),
            around("up", 1.0),
        ];
        let changes = Changes::of(&before, &now);
        let names: Vec<(&str, bool)> = changes
            .changed
            .iter()
            .map(|change| (change.series.id.name.as_str(), change.is_worse()))
            .collect();
        assert_eq!(
            names,
            [
                ("row_lock_waits_per_s", true),
                ("threads_running", true),
                ("disk_free_bytes", false),
            ]
        );
        assert_eq!(
            (changes.same, changes.unknown, changes.compared()),
            (2, 1, 5)
        );
    }

    #[test]
    fn a_series_that_was_not_there_before_is_not_told_as_changed() {
        let now = [around("qps", 9.0)];
        let changes = Changes::of(&[], &now);
        assert_eq!((changes.changed.len(), changes.unknown), (0, 1));
    }
}
