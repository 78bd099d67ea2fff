//! Single statements of the server's history. Pure.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// One statement of the history. Times are in picoseconds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HistoryRow {
    /// Its digest.
    pub digest: String,
    /// Its default schema.
    pub db: Option<String>,
    /// Account; none once its session has ended.
    pub user: Option<String>,
    /// Client host.
    pub host: Option<String>,
    /// Its text, with its literals.
    pub sql_text: String,
    /// From start to end.
    pub time_ps: u64,
    /// Waiting for locks.
    pub lock_ps: u64,
    /// The error it ended in; 0 for none.
    pub error: u32,
    /// Rows changed.
    pub rows_affected: u64,
    /// Rows returned.
    pub rows_sent: u64,
    /// Rows read.
    pub rows_examined: u64,
    /// It used no index.
    pub no_index: bool,
    /// How long before the reading it ended.
    pub ended_age_s: f64,
}

/// One statement that ended between the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerSample {
    /// Its digest.
    pub digest: String,
    /// Its default database.
    pub database: Option<String>,
    /// Account; unknown once its session has ended.
    pub user: Option<String>,
    /// Client host.
    pub host: Option<String>,
    /// Its text with its literals, cut by the server at `performance_schema_max_sql_text_length` (1,024
    /// bytes by default): hostile, and sensitive.
    pub sql_text: String,
    /// From start to end, in microseconds.
    pub time_us: u64,
    /// Waiting for locks, in microseconds.
    pub lock_us: u64,
    /// The number of the error it ended in.
    pub error: Option<u32>,
    /// Rows changed.
    pub rows_affected: u64,
    /// Rows returned.
    pub rows_sent: u64,
    /// Rows read.
    pub rows_examined: u64,
    /// It used no index.
    pub no_index: bool,
    /// When it ended.
    pub ended_at: Timestamp,
}

impl LedgerSample {
    /// The statement of a row read at `read_at`; none where its time is out of any calendar.
    pub(super) fn of(row: HistoryRow, read_at: Timestamp) -> Option<Self> {
        let age = SignedDuration::try_from_secs_f64(row.ended_age_s).ok()?;
        Some(Self {
            ended_at: read_at.checked_sub(age).ok()?,
            digest: row.digest,
            database: row.db,
            user: row.user,
            host: row.host,
            sql_text: row.sql_text,
            time_us: row.time_ps / 1_000_000,
            lock_us: row.lock_ps / 1_000_000,
            error: Some(row.error).filter(|error| *error != 0),
            rows_affected: row.rows_affected,
            rows_sent: row.rows_sent,
            rows_examined: row.rows_examined,
            no_index: row.no_index,
        })
    }
}
