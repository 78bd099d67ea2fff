//! What statements did, added up.

use crate::entry::Entry;

/// A figure added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// In all; each statement as often as the rate at which statements were logged says.
    pub sum: u64,
    /// The largest of one statement.
    pub max: u64,
}

impl Sum {
    fn add(&mut self, value: u64, times: u64) {
        self.sum = self.sum.saturating_add(value.saturating_mul(times));
        self.max = self.max.max(value);
    }

    fn merge(&mut self, other: &Self) {
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }
}

/// What statements did. Times are in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Statements: logged ones times the rate at which they were logged.
    pub count: u64,
    /// Entries in the log.
    pub entries: u64,
    /// From start to end.
    pub query_us: Sum,
    /// Waiting for locks.
    pub lock_us: Sum,
    /// Rows given to clients.
    pub rows_sent: Sum,
    /// Rows read by the server layer.
    pub rows_examined: Sum,
    /// Rows changed.
    pub rows_affected: Sum,
    /// Bytes given to clients.
    pub bytes_sent: Sum,
    /// Temporary tables made.
    pub tmp_tables: u64,
    /// Those that went to disk.
    pub tmp_disk_tables: u64,
    /// Merge passes of sorts.
    pub sort_merge_passes: u64,
    /// Statements that read a table or a join whole, where the log tells it.
    pub full_scans: u64,
    /// Statements that ended in an error, where the log tells it.
    pub failed: u64,
    /// Statements that were killed, where the log tells it.
    pub killed: u64,
    /// When the first ended, in microseconds since 1970 UTC.
    pub first_us: Option<i64>,
    /// When the last ended.
    pub last_us: Option<i64>,
}

impl Figures {
    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        let times = entry.rate.max(1);
        let flag = |is: bool| if is { times } else { 0 };
        self.count += times;
        self.entries += 1;
        self.query_us.add(entry.query_us, times);
        self.lock_us.add(entry.lock_us, times);
        self.rows_sent.add(entry.rows_sent, times);
        self.rows_examined.add(entry.rows_examined, times);
        self.rows_affected.add(entry.rows_affected, times);
        self.bytes_sent.add(entry.bytes_sent, times);
        self.tmp_tables += entry.tmp_tables * times;
        self.tmp_disk_tables += entry.tmp_disk_tables * times;
        self.sort_merge_passes += entry.sort_merge_passes * times;
        self.full_scans += flag(entry.is_full_scan);
        self.failed += flag(entry.is_failed);
        self.killed += flag(entry.is_killed);
        if let Some(ended) = entry.ended_us {
            self.first_us = Some(self.first_us.map_or(ended, |first| first.min(ended)));
            self.last_us = Some(self.last_us.map_or(ended, |last| last.max(ended)));
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.entries += other.entries;
        self.query_us.merge(&other.query_us);
        self.lock_us.merge(&other.lock_us);
        self.rows_sent.merge(&other.rows_sent);
        self.rows_examined.merge(&other.rows_examined);
        self.rows_affected.merge(&other.rows_affected);
        self.bytes_sent.merge(&other.bytes_sent);
        self.tmp_tables += other.tmp_tables;
        self.tmp_disk_tables += other.tmp_disk_tables;
        self.sort_merge_passes += other.sort_merge_passes;
        self.full_scans += other.full_scans;
        self.failed += other.failed;
        self.killed += other.killed;
        self.first_us = match (self.first_us, other.first_us) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.last_us = self.last_us.max(other.last_us);
    }
}
