//! The times of one digest between two samples of its histogram. Pure.

use std::collections::HashMap;

use serde::Deserialize;

/// Runs of a digest that took up to so long and longer than the bucket before, since it was first seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BucketRow {
    /// The schema it ran in.
    pub db: Option<String>,
    /// Its hash.
    pub digest: String,
    /// The bucket's upper end in picoseconds.
    pub up_to_ps: u64,
    /// Runs in it.
    pub runs: u64,
}

/// Quantiles of the times of runs between two samples, in microseconds: each is the upper end of the
/// bucket it falls in, so at most [`Times::RELATIVE_ERROR`] above the true one and never below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Runs they are of.
    pub runs: u64,
    /// Half of the runs took no longer.
    pub p50_us: u64,
    /// 95 % of them.
    pub p95_us: u64,
    /// 99 % of them.
    pub p99_us: u64,
}

impl Times {
    /// Fifty buckets for each factor of ten (MySQL Reference Manual, "Statement Histogram Summary
    /// Tables": 450 buckets from 10 microseconds on): 10^(1/50) - 1.
    pub const RELATIVE_ERROR: f64 = 0.047_2;

    /// Those of one digest; none where it had no run in between or its histogram was emptied.
    pub fn between(before: &[BucketRow], after: &[BucketRow]) -> Option<Self> {
        let then: HashMap<u64, u64> = before.iter().map(|row| (row.up_to_ps, row.runs)).collect();
        let mut runs_up_to = Vec::with_capacity(after.len());
        let mut runs = 0_u64;
        let mut in_order: Vec<&BucketRow> = after.iter().collect();
        in_order.sort_by_key(|row| row.up_to_ps);
        for row in in_order {
            let known = then.get(&row.up_to_ps).copied().unwrap_or(0);
            runs = runs.checked_add(row.runs.checked_sub(known)?)?;
            runs_up_to.push((runs, row.up_to_ps));
        }
        // Buckets do not empty one by one.
        if runs == 0 || before.len() > after.len() {
            return None;
        }
        let at = |percent: u64| {
            let rank = runs.saturating_mul(percent).div_ceil(100);
            let bucket = runs_up_to.iter().find(|(up_to, _)| *up_to >= rank);
            bucket.map(|(_, up_to_ps)| up_to_ps.div_ceil(1_000_000))
        };
        Some(Self {
            runs,
            p50_us: at(50)?,
            p95_us: at(95)?,
            p99_us: at(99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bucket ends as the server has them.
    fn up_to_ps(number: i32) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "times of a statement"
        )]
        let end = (1e7 * 10_f64.powf(f64::from(number) / 50.0)) as u64;
        end
    }

    fn buckets(runs: &[(i32, u64)]) -> Vec<BucketRow> {
        let row = |(number, runs): &(i32, u64)| BucketRow {
            db: None,
            digest: "a".into(),
            up_to_ps: up_to_ps(*number),
            runs: *runs,
        };
        runs.iter().map(row).collect()
    }

    #[test]
    fn only_runs_in_between_count() {
        let before = buckets(&[(10, 1_000), (200, 7)]);
        let after = buckets(&[(200, 8), (10, 1_000), (50, 99)]);
        let times = Times::between(&before, &after).unwrap();
        assert_eq!(times.runs, 100);
        assert_eq!((times.p50_us, times.p95_us, times.p99_us), (100, 100, 100));
        let after = buckets(&[(10, 1_000), (50, 98), (200, 9)]);
        let times = Times::between(&before, &after).unwrap();
        assert_eq!((times.p95_us, times.p99_us), (100, 100_000));
    }

    #[test]
    fn without_a_run_or_after_a_reset_there_is_none() {
        let some = buckets(&[(10, 5)]);
        assert_eq!(Times::between(&some, &some), None);
        assert_eq!(Times::between(&[], &[]), None);
        assert_eq!(Times::between(&some, &buckets(&[(10, 2), (20, 9)])), None);
        assert_eq!(Times::between(&some, &[]), None);
        let two = buckets(&[(10, 5), (20, 5)]);
        assert_eq!(Times::between(&two, &buckets(&[(30, 1)])), None);
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_the_stated_error_and_never_below(
            mut times_us in proptest::collection::vec(11_u64..10_000_000, 1..200),
        ) {
            let mut counts = std::collections::BTreeMap::new();
            for time_us in &times_us {
                let number = (0..450).find(|n| up_to_ps(*n) >= time_us * 1_000_000).unwrap();
                *counts.entry(number).or_insert(0_u64) += 1;
            }
            let counts: Vec<(i32, u64)> = counts.into_iter().collect();
            let found = Times::between(&[], &buckets(&counts)).unwrap();
            times_us.sort_unstable();
            for (percent, found) in [(50, found.p50_us), (95, found.p95_us), (99, found.p99_us)] {
                let rank = (times_us.len() * percent).div_ceil(100);
                let exact = times_us[rank - 1];
                let most = exact as f64 * (1.0 + Times::RELATIVE_ERROR) + 1.0;
                prop_assert!(found >= exact && found as f64 <= most, "{found} {exact}");
            }
        }
    }
}
