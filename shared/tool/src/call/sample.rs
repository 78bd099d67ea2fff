//! What a call reads of a database, and what reading costs.

use std::time::Duration;

use jiff::Timestamp;

/// What a call cost the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Statements run.
    pub statements: u32,
    /// Rows read.
    pub rows: u64,
    /// Time the server took, as seen from here.
    pub took: Duration,
    /// Bytes of logs read, decompressed.
    pub log_bytes: u64,
    /// Figures of metrics read.
    pub points: u64,
}

/// Typed rows of one probe at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// When the server answered, by the source's clock.
    pub read_at: Timestamp,
    /// Whether rows beyond the probe's limit were left out.
    pub truncated: bool,
}
