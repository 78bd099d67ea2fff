//! The groups of a digest in order, with their shares.

use crate::digest::Digest;
use crate::figures::Figures;
use crate::group::Group;

/// What groups are put in order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Time from start to end.
    Time,
    /// Time waiting for locks.
    LockTime,
    /// Rows read.
    RowsExamined,
    /// Rows given to clients.
    RowsSent,
    /// Bytes given to clients.
    BytesSent,
    /// How many there are.
    Count,
}

impl By {
    /// What statements add up to.
    pub fn of(self, figures: &Figures) -> u64 {
        match self {
            Self::Time => figures.query_us.sum,
            Self::LockTime => figures.lock_us.sum,
            Self::RowsExamined => figures.rows_examined.sum,
            Self::RowsSent => figures.rows_sent.sum,
            Self::BytesSent => figures.bytes_sent.sum,
            Self::Count => figures.count,
        }
    }
}

/// A group and its place.
#[derive(Debug, Clone, Copy)]
pub struct Ranked<'a> {
    /// The group.
    pub group: &'a Group,
    /// Its share of what all statements add up to, 0 to 1.
    pub share: f64,
}

/// The first groups by what they add up to, largest first; of equals the more frequent, then by
/// fingerprint, so that the order does not depend on how the log was read.
pub fn top(digest: &Digest, by: By, limit: usize) -> Vec<Ranked<'_>> {
    let mut groups: Vec<&Group> = digest.groups().iter().collect();
    groups.sort_by(|one, other| {
        let key = |group: &Group| (by.of(&group.figures), group.figures.count);
        key(other)
            .cmp(&key(one))
            .then_with(|| one.fingerprint.cmp(&other.fingerprint))
    });
    let total = by.of(&digest.totals().figures).max(1) as f64;
    let ranked = |group| Ranked {
        group,
        share: by.of(&group.figures) as f64 / total,
    };
    groups.into_iter().take(limit).map(ranked).collect()
}
