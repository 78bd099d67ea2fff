//! Of a window that holds more than is read, which part: the latest. Pure.

use jiff::Timestamp;
use serde::Deserialize;

/// Statements that ended in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Minute {
    /// Its number since 1970 UTC.
    #[serde(rename = "minute")]
    pub(super) number: i64,
    pub(super) entries: u64,
    /// As text, about.
    pub(super) bytes: u64,
}

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) at: Timestamp,
    /// What of the window comes before, about; unknown where the survey does not reach back so far.
    pub(super) before_bytes: Option<u64>,
}

/// The latest minutes that together hold no more than so many statements and bytes, and at least one.
/// `minutes` has the latest first; `is_cut` says that there are earlier ones. `None` where that is all.
pub(super) fn latest(
    minutes: &[Minute],
    is_cut: bool,
    most_entries: u64,
    most_bytes: u64,
) -> Option<Beginning> {
    let (mut entries, mut bytes, mut kept) = (0_u64, 0_u64, 0_usize);
    for minute in minutes {
        entries = entries.saturating_add(minute.entries);
        bytes = bytes.saturating_add(minute.bytes);
        if kept > 0 && (entries > most_entries || bytes > most_bytes) {
            break;
        }
        kept += 1;
    }
    let before = minutes.get(kept..).unwrap_or_default();
    if before.is_empty() && !is_cut {
        return None;
    }
    let first = minutes.get(kept.checked_sub(1)?)?;
    let before_bytes = before.iter().map(|minute| minute.bytes).sum();
    Some(Beginning {
        at: Timestamp::from_second(first.number.checked_mul(60)?).ok()?,
        before_bytes: (!is_cut).then_some(before_bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(entries: &[u64]) -> Vec<Minute> {
        let minute = |(back, entries): (usize, &u64)| Minute {
            number: 1_000 - i64::try_from(back).unwrap(),
            entries: *entries,
            bytes: entries * 100,
        };
        entries.iter().enumerate().map(minute).collect()
    }

    fn begins(entries: &[u64], is_cut: bool) -> Option<(i64, Option<u64>)> {
        let beginning = latest(&minutes(entries), is_cut, 50, 4_000)?;
        Some((beginning.at.as_second() / 60, beginning.before_bytes))
    }

    #[test]
    fn the_latest_minutes_that_fit_are_read_and_the_bytes_before_them_told() {
        assert_eq!(begins(&[10, 20, 10], false), None);
        assert_eq!(begins(&[10, 20, 11, 5], false), Some((999, Some(1_600))));
        assert_eq!(begins(&[10, 30, 5], false), Some((999, Some(500))));
    }

    #[test]
    fn a_minute_that_does_not_fit_is_begun_all_the_same() {
        assert_eq!(begins(&[900], false), None);
        assert_eq!(begins(&[900, 1], false), Some((1_000, Some(100))));
    }

    #[test]
    fn beyond_the_survey_the_bytes_are_not_known() {
        assert_eq!(begins(&[10, 20], true), Some((999, None)));
        assert_eq!(begins(&[10, 900], true), Some((1_000, None)));
        assert_eq!(begins(&[], false), None);
    }
}
