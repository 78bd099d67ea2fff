//! The difference of two samples.

use std::collections::HashMap;

use crate::DigestRow;

/// What was done between two samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Between {
    /// Digests that ran, each with what it did in between, in the order of the second sample. The one
    /// without a hash stands for all that found no place in the table.
    pub ran: Vec<DigestRow>,
    /// Digests that ran and of which it is not known how often: the first sample was cut before them.
    pub unknown: u64,
    /// Digests whose counters went backwards: the table was emptied in between.
    pub reset: u64,
}

/// What was done between two samples `window_s` apart. A digest that is new in the second, by the time it
/// was first seen, counts whole.
pub fn between(before: &[DigestRow], after: &[DigestRow], window_s: f64) -> Between {
    let key = |row: &DigestRow| (row.db.clone(), row.digest.clone());
    let known: HashMap<_, &DigestRow> = before.iter().map(|row| (key(row), row)).collect();
    let nothing = DigestRow::default();
    let mut between = Between::default();
    for row in after {
        let is_new = row
            .first_seen_age_s
            .is_some_and(|age| age as f64 <= window_s + 1.0);
        let then = match known.get(&key(row)) {
            Some(then) => *then,
            None if is_new => &nothing,
            None => {
                let ran = row.last_seen_age_s;
                let may_have_run = ran.is_some_and(|age| age as f64 <= window_s);
                between.unknown += u64::from(may_have_run);
                continue;
            }
        };
        match row.since(then) {
            None => between.reset += 1,
            Some(done) if done.runs > 0 => between.ran.push(done),
            Some(_) => {}
        }
    }
    between
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(digest: &str, runs: u64, time_ps: u64) -> DigestRow {
        DigestRow {
            db: Some("shop".into()),
            digest: Some(digest.into()),
            first_seen_age_s: Some(9_000),
            last_seen_age_s: Some(1),
            runs,
            time_ps,
            max_ps: Some(70),
            ..DigestRow::default()
        }
    }

    #[test]
    fn what_ran_is_told_by_its_difference_and_what_did_not_is_left_out() {
        let before = [row("a", 10, 1_000), row("b", 7, 70)];
        let slower = DigestRow {
            max_ps: Some(400),
            ..row("a", 12, 1_600)
        };
        let found = between(&before, &[slower, row("b", 7, 70)], 5.0);
        let [a] = &found.ran[..] else {
            panic!("{found:?}");
        };
        assert_eq!((a.runs, a.time_ps, a.max_ps), (2, 600, Some(400)));
        assert_eq!((found.unknown, found.reset), (0, 0));
        let as_slow = between(&before, &[row("a", 11, 1_010)], 5.0);
        assert_eq!(as_slow.ran[0].max_ps, None, "it may be a run of before");
    }

    #[test]
    fn the_same_statement_in_two_schemas_is_two() {
        let elsewhere = |runs| DigestRow {
            db: None,
            ..row("a", runs, 0)
        };
        let before = [row("a", 10, 0), elsewhere(3)];
        let found = between(&before, &[row("a", 11, 0), elsewhere(5)], 5.0);
        let runs: Vec<u64> = found.ran.iter().map(|row| row.runs).collect();
        assert_eq!(runs, [1, 2]);
    }

    #[test]
    fn a_new_digest_counts_whole_and_one_cut_from_the_first_sample_is_unknown() {
        let new = DigestRow {
            first_seen_age_s: Some(3),
            ..row("new", 2, 50)
        };
        let idle = DigestRow {
            last_seen_age_s: Some(600),
            ..row("idle", 2, 50)
        };
        let found = between(&[], &[new, row("old", 900, 9_000), idle], 5.0);
        assert_eq!((found.ran.len(), found.unknown), (1, 1));
        assert_eq!(found.ran[0].runs, 2);
    }

    #[test]
    fn an_emptied_table_gives_no_work_and_is_told() {
        let found = between(&[row("a", 10, 1_000)], &[row("a", 1, 100)], 5.0);
        assert_eq!((found.ran.len(), found.reset), (0, 1));
    }

    proptest! {
        #[test]
        fn what_was_counted_before_and_what_was_done_is_what_is_counted_after(
            runs in 0_u64..1 << 40, more in 1_u64..1 << 40, time in 0_u64..1 << 40, took in 0_u64..1 << 40,
        ) {
            let found = between(&[row("a", runs, time)], &[row("a", runs + more, time + took)], 1.0);
            prop_assert_eq!((found.ran[0].runs, found.ran[0].time_ps), (more, took));
        }
    }
}
