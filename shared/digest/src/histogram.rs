//! A distribution of whole numbers in buckets of relative width.

/// Buckets per doubling.
const PER_DOUBLING: u64 = 64;
const SHIFT: u32 = 6;

/// Different buckets that are kept as a list; more are kept as a row of counts.
const LISTED: usize = 24;

/// A distribution of whole numbers, as an HDR histogram keeps it: numbers below 128 exactly, larger ones
/// in 64 buckets per doubling, of which a quantile gives the middle. Two of them add up exactly.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    counts: Counts,
    total: u64,
}

#[derive(Debug, Clone)]
enum Counts {
    /// Bucket and how many are in it, in no order.
    List(Vec<(u16, u64)>),
    /// How many are in each bucket from the first on, while none holds more than 2^32.
    Row(Row<u32>),
    /// The same in twice the memory.
    WideRow(Row<u64>),
}

/// How many are in each bucket from the first on.
#[derive(Debug, Clone)]
struct Row<N> {
    first: u16,
    counts: Vec<N>,
}

impl Default for Counts {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Counts {
    fn add(&mut self, bucket: u16, times: u64) {
        match self {
            Self::Row(row) => {
                if !row.add(bucket, times) {
                    let mut wide = row.widened();
                    wide.add(bucket, times);
                    *self = Self::WideRow(wide);
                }
            }
            Self::WideRow(row) => {
                row.add(bucket, times);
            }
            Self::List(list) => {
                if let Some((_, count)) = list.iter_mut().find(|(known, _)| *known == bucket) {
                    *count += times;
                } else if list.len() < LISTED {
                    list.push((bucket, times));
                } else {
                    let list = std::mem::take(list);
                    let counts = Vec::new();
                    *self = Self::Row(Row {
                        first: bucket,
                        counts,
                    });
                    for (bucket, times) in list.into_iter().chain([(bucket, times)]) {
                        self.add(bucket, times);
                    }
                }
            }
        }
    }

    /// Buckets that hold something, in order.
    fn in_order(&self) -> Vec<(u16, u64)> {
        let mut all: Vec<(u16, u64)> = match self {
            Self::List(list) => list.clone(),
            Self::Row(row) => row.buckets().collect(),
            Self::WideRow(row) => row.buckets().collect(),
        };
        all.retain(|(_, times)| *times > 0);
        all.sort_unstable();
        all
    }
}

impl<N: Copy + Default + TryFrom<u64> + Into<u64>> Row<N> {
    /// Counts so many more in a bucket; `false` where it cannot hold them.
    fn add(&mut self, bucket: u16, times: u64) -> bool {
        if self.counts.is_empty() {
            self.first = bucket;
        }
        if bucket < self.first {
            let more = usize::from(self.first - bucket);
            self.counts
                .splice(0..0, std::iter::repeat_n(N::default(), more));
            self.first = bucket;
        }
        let at = usize::from(bucket - self.first);
        if at >= self.counts.len() {
            // Exactly as many: there are as many rows as groups.
            self.counts.reserve_exact(at + 1 - self.counts.len());
            self.counts.resize(at + 1, N::default());
        }
        let Some(count) = self.counts.get_mut(at) else {
            return false;
        };
        let sum: u64 = (*count).into();
        match N::try_from(sum + times) {
            Ok(sum) => *count = sum,
            Err(_) => return false,
        }
        true
    }

    fn buckets(&self) -> impl Iterator<Item = (u16, u64)> {
        let counts = self.counts.iter().map(|count| (*count).into());
        (self.first..).zip(counts)
    }
}

impl Row<u32> {
    fn widened(&self) -> Row<u64> {
        Row {
            first: self.first,
            counts: self.counts.iter().map(|count| u64::from(*count)).collect(),
        }
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        self.counts.in_order() == other.counts.in_order()
    }
}

impl Eq for Histogram {}

impl Histogram {
    /// A quantile is at most this share of itself off.
    pub const RELATIVE_ERROR: f64 = 1.0 / 128.0;

    /// Adds a number so many times.
    pub fn add(&mut self, value: u64, times: u64) {
        self.total += times;
        self.counts.add(bucket(value), times);
    }

    /// Adds another distribution.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, times) in other.counts.in_order() {
            self.counts.add(bucket, times);
        }
        self.total += other.total;
    }

    /// How many numbers were added.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many numbers are below `value`, as far as buckets tell: see [`Self::RELATIVE_ERROR`].
    pub fn below(&self, value: u64) -> u64 {
        let counts = self.counts.in_order().into_iter();
        counts
            .filter(|(bucket, _)| middle(*bucket) < value)
            .map(|(_, times)| times)
            .sum()
    }

    /// The smallest number that a share of `q` (0 to 1) of all is not above, by nearest rank; none
    /// where there is no number.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank between 1 and the total"
        )]
        let rank = ((self.total as f64 * q.clamp(0.0, 1.0)).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, times) in self.counts.in_order() {
            seen += times;
            if seen >= rank {
                return Some(middle(bucket));
            }
        }
        None
    }
}

fn bucket(value: u64) -> u16 {
    if value < 2 * PER_DOUBLING {
        return u16::try_from(value).unwrap_or(u16::MAX);
    }
    let doubling = value.ilog2() - SHIFT;
    let within = (value >> doubling) - PER_DOUBLING;
    let bucket = u64::from(doubling + 1) * PER_DOUBLING + within;
    u16::try_from(bucket).unwrap_or(u16::MAX)
}

fn middle(bucket: u16) -> u64 {
    let bucket = u64::from(bucket);
    if bucket < 2 * PER_DOUBLING {
        return bucket;
    }
    let doubling = bucket / PER_DOUBLING - 1;
    let lowest = (bucket % PER_DOUBLING + PER_DOUBLING) << doubling;
    lowest + ((1_u64 << doubling) - 1) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bucket_may_hold_more_than_32_bits_count() {
        let mut histogram = Histogram::default();
        for value in 0..2 * LISTED as u64 {
            histogram.add(value, 1);
        }
        for _ in 0..3 {
            histogram.add(7, u64::from(u32::MAX));
        }
        let whole = 3 * u64::from(u32::MAX) + 2 * LISTED as u64;
        let in_bucket = (7, 3 * u64::from(u32::MAX) + 1);
        assert_eq!(histogram.total(), whole);
        assert!(histogram.counts.in_order().contains(&in_bucket));
    }

    #[test]
    fn the_largest_number_has_a_bucket() {
        let mut histogram = Histogram::default();
        histogram.add(u64::MAX, 1);
        let found = histogram.quantile(1.0).unwrap();
        assert!(found > u64::MAX / 128 * 127, "{found}");
    }

    #[test]
    fn numbers_below_one_are_counted() {
        let mut histogram = Histogram::default();
        for value in [1, 50, 999, 1_000, 1_000_000] {
            histogram.add(value, 2);
        }
        let below = [0, 50, 100, 1_000_000_000].map(|value| histogram.below(value));
        assert_eq!(below, [0, 2, 4, 10]);
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_the_stated_error(
            mut values in proptest::collection::vec(0_u64..1 << 40, 1..200),
            q in 0.0_f64..=1.0,
        ) {
            let mut histogram = Histogram::default();
            for value in &values {
                histogram.add(*value, 1);
            }
            values.sort_unstable();
            // The first of which the share is reached.
            let share = |at: usize| (at + 1) as f64 / values.len() as f64;
            let at = (0..values.len()).find(|at| share(*at) >= q).unwrap_or(values.len() - 1);
            let exact = values[at] as f64;
            let found = histogram.quantile(q).unwrap() as f64;
            prop_assert!((found - exact).abs() <= exact * Histogram::RELATIVE_ERROR, "{found} {exact}");
        }

        #[test]
        fn parts_add_up_to_the_whole(
            values in proptest::collection::vec((any::<u64>(), 1_u64..9), 0..100),
            cut in 0_usize..100,
        ) {
            let cut = cut.min(values.len());
            let of = |values: &[(u64, u64)]| {
                let mut histogram = Histogram::default();
                for (value, times) in values {
                    histogram.add(*value, *times);
                }
                histogram
            };
            let mut merged = of(&values[..cut]);
            merged.merge(&of(&values[cut..]));
            prop_assert_eq!(merged, of(&values));
        }
    }
}
