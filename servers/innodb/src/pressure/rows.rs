//! The rows two samples are made of. Pure.

use serde::Deserialize;

pub use storex_ledger::DigestRow;

/// File I/O of one kind of file since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FileRow {
    /// `wait/io/file/innodb/innodb_data_file`, ...
    pub event_name: String,
    /// Reads.
    pub reads: u64,
    /// Time in them, in picoseconds as all timers of the performance schema.
    pub read_ps: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Writes.
    pub writes: u64,
    /// Time in them.
    pub write_ps: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Everything else: open, close, and above all fsync.
    pub misc: u64,
    /// Time in that.
    pub misc_ps: u64,
}

/// The text of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Deserialize))]
pub struct DigestTextRow {
    /// The schema it ran in.
    pub db: Option<String>,
    /// Its hash.
    pub digest: Option<String>,
    /// Its text, without literals.
    pub digest_text: Option<String>,
}

/// What a session runs, or ran last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CurrentRow {
    /// Connection id.
    pub id: u64,
    /// Account.
    pub user: Option<String>,
    /// Client host.
    pub host: Option<String>,
    /// The `program_name` the client gave.
    pub program: Option<String>,
    /// State in the server's words.
    pub state: Option<String>,
    /// Whether it is our own session.
    pub own: bool,
    /// Order within the session: the same number is the same statement.
    pub event_id: u64,
    /// Whether it still runs.
    pub running: bool,
    /// How long it has run.
    pub time_ps: u64,
    /// The schema it runs in.
    pub db: Option<String>,
    /// Its digest; MariaDB knows it only once the statement has ended.
    pub digest: Option<String>,
    /// Its text.
    pub sql_text: Option<String>,
    /// Rows changed so far.
    pub rows_affected: u64,
    /// Rows read so far.
    pub rows_examined: u64,
    /// Temporary tables made so far.
    pub tmp_tables: u64,
    /// Those that went to disk.
    pub tmp_disk_tables: u64,
    /// Merge passes so far.
    pub sort_merge_passes: u64,
}

/// A running statement by the process list.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ProcessRow {
    /// Connection id.
    pub id: u64,
    /// Account.
    pub user: Option<String>,
    /// Client host and port.
    pub host: Option<String>,
    /// The schema it runs in.
    pub db: Option<String>,
    /// `Query`, `Execute`, ...
    pub command: Option<String>,
    /// State in the server's words.
    pub state: Option<String>,
    /// How long it has run.
    pub time_ms: f64,
    /// The same number is the same statement; 0 on MySQL, which has none.
    pub query_id: u64,
    /// Rows read so far, on MariaDB.
    pub rows_examined: Option<u64>,
    /// Its text.
    pub info: Option<String>,
}

/// What the statements of one user have done, by the performance schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct UserStatementsRow {
    /// Account.
    pub user: String,
    /// Statements run to their end.
    pub runs: u64,
    /// Time in them.
    pub time_ps: u64,
    /// Rows changed.
    pub rows_affected: u64,
    /// Rows read.
    pub rows_examined: u64,
    /// Temporary tables made.
    pub tmp_tables: u64,
    /// Those that went to disk.
    pub tmp_disk_tables: u64,
    /// Merge passes of sorts.
    pub sort_merge_passes: u64,
}

/// The same by MariaDB's user statistics.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct UserStatisticsRow {
    /// Account.
    pub user: String,
    /// Seconds its statements ran.
    pub busy_s: f64,
    /// Bytes it wrote to the binary log.
    pub binlog_bytes: u64,
    /// Rows read.
    pub rows_read: u64,
    /// Rows inserted, updated, deleted.
    pub rows_written: u64,
    /// Connections made.
    pub connections: u64,
}

/// A setting that was changed at run time, or that a persisted file decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OriginRow {
    /// The variable.
    pub name: String,
    /// `DYNAMIC` or `PERSISTED`.
    pub source: String,
    /// Who changed it.
    pub set_user: Option<String>,
    /// From where.
    pub set_host: Option<String>,
    /// How long ago.
    pub set_age_s: Option<i64>,
}

/// One kind of warning in the error log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WarningRow {
    /// `MY-014084`, ...
    pub code: String,
    /// How often in the last ten minutes.
    pub warnings: u64,
    /// How long ago the last one was.
    pub latest_age_s: Option<i64>,
}

/// Waits for one kind of mutex or read-write lock since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SynchRow {
    /// `wait/synch/sxlock/innodb/btr_search_latch`, ...
    pub event_name: String,
    /// Waits.
    pub waits: u64,
    /// Time in them.
    pub wait_ps: u64,
}

/// How often a session went to a data file since it connected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ThreadReadsRow {
    /// Connection id.
    pub id: u64,
    /// How often.
    pub file_reads: u64,
}
