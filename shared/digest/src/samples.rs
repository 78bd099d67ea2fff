//! The statements of one form that took longest, as they were written.

use std::cmp::Reverse;

use crate::entry::Entry;

/// Samples kept.
const KEPT: usize = 5;
/// Of a longer statement only the beginning is kept.
const LONGEST: usize = 64 << 10;

/// A statement as it was written, literals and all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// From start to end, in microseconds.
    pub query_us: u64,
    /// Waiting for locks, in microseconds.
    pub lock_us: u64,
    /// Rows read.
    pub rows_examined: u64,
    /// Rows given to the client.
    pub rows_sent: u64,
    /// Rows changed.
    pub rows_affected: u64,
    /// When it ended, in microseconds since 1970 UTC.
    pub ended_us: Option<i64>,
    /// Its connection.
    pub connection: Option<u64>,
    /// The number of its client's name.
    pub client: u32,
    /// The number of its default database's name; 0 where it is not known.
    pub database: u32,
    /// Where its entry begins, in bytes from the start of what was read.
    pub offset: u64,
    /// The statement, its first 64 KiB.
    pub sql: Box<[u8]>,
    /// Whether it is longer than that.
    pub is_cut: bool,
}

/// The statements of a form that took longest, slowest first; of equals the first in the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples(Vec<Sample>);

impl Samples {
    /// The samples, slowest first.
    pub fn slowest_first(&self) -> &[Sample] {
        &self.0
    }

    pub(crate) fn add(&mut self, entry: &Entry<'_>, client: u32, database: u32) {
        let is_slower = |least: &Sample| entry.query_us > least.query_us;
        if self.0.len() == KEPT && !self.0.last().is_some_and(is_slower) {
            return;
        }
        self.put(Sample {
            query_us: entry.query_us,
            lock_us: entry.lock_us,
            rows_examined: entry.rows_examined,
            rows_sent: entry.rows_sent,
            rows_affected: entry.rows_affected,
            ended_us: entry.ended_us,
            connection: entry.connection,
            client,
            database,
            offset: entry.offset,
            sql: entry.sql.get(..LONGEST).unwrap_or(entry.sql).into(),
            is_cut: entry.sql.len() > LONGEST,
        });
    }

    pub(crate) fn merge(&mut self, other: &Self, number: &dyn Fn(u32) -> u32) {
        for sample in &other.0 {
            self.put(Sample {
                client: number(sample.client),
                database: number(sample.database),
                ..sample.clone()
            });
        }
    }

    /// Gives databases other numbers.
    pub(crate) fn renumber_databases(&mut self, number: &dyn Fn(u32) -> u32) {
        for sample in &mut self.0 {
            sample.database = number(sample.database);
        }
    }

    fn put(&mut self, sample: Sample) {
        self.0.push(sample);
        self.0
            .sort_by_key(|sample| (Reverse(sample.query_us), sample.offset));
        self.0.truncate(KEPT);
    }
}
