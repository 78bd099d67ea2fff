//! The seam of log files: a source hands out one reader per call; a reader lists log files and reads
//! their bytes, by offset or by time, within a budget and saying what it did not read.
//!
//! A source is a folder, a cloud's log store or a recording. Bytes are handed out as they stand in the
//! file, decompressed; whoever asks splits them into entries.

mod bisect;
mod error;
mod file;
mod report;
#[cfg(test)]
mod tests;
mod times;
mod window;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Blame, Limits};

pub use bisect::{Bisection, Span};
pub use error::LogError;
pub use file::{Compression, Covered, LeftOut, LogFile, LogGap, LogKind, LogListing, LogName};
pub use report::{LogReport, ReadFile, StreamState, Unread, UnreadWhy};
pub use times::{EntryAt, LogTimes};
pub use window::WindowRead;

/// One instance's logs, live or recorded, shared by all calls.
pub trait LogsSource: Send + Sync {
    /// A reader for one call. Opening costs nothing; files are opened by the first read.
    fn open(&self, limits: Limits) -> Box<dyn Logs>;

    /// Where the logs come from, in a word for the answer: `files`, `snapshot`, `rds`.
    fn kind(&self) -> &'static str;
}

/// One call's view of an instance's logs.
#[async_trait]
pub trait Logs: Send + Sync {
    /// The files of a log, oldest first.
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError>;

    /// Bytes of one file. A file that was rotated since it was listed is found again where it went.
    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError>;

    /// The source's time: the wall clock, or the time at which a snapshot stands.
    fn now(&self) -> Timestamp;

    /// The zone of times that are written without one (MariaDB's error log).
    fn time_zone(&self) -> TimeZone;

    /// Waits before trying again: a live source sleeps (and stops when the call is cancelled), a
    /// recorded one returns at once.
    async fn pause(&self, how_long: Duration) -> Result<(), LogError>;
}

/// The bytes of one file, in turn.
#[async_trait]
pub trait LogStream: Send {
    /// The next bytes, a few hundred KiB to a few MiB of them; `None` at the end of what was asked for.
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError>;

    /// What was passed over or given up so far. Complete once [`Self::next`] has returned `None`.
    fn state(&self) -> StreamState;
}

/// Bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogChunk {
    /// The bytes, decompressed.
    pub bytes: Bytes,
    /// Where the first of them stands in the file's decompressed content.
    pub offset: u64,
    /// Whether they follow directly on the chunk before. Where they do not (another file, a part that
    /// was passed over), no entry spans the two.
    pub joined: bool,
}

/// Which part of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRange {
    /// Content before this offset is not wanted.
    pub from: u64,
    /// Entries outside are not wanted. Some are handed out all the same: a source comes as near as it
    /// can without reading what it was to pass over, and of a log in order leaves out no entry of the
    /// window.
    pub window: Option<Window>,
    /// Bytes handed out at most, decompressed.
    pub budget_bytes: u64,
}

impl LogRange {
    /// All of a file, as far as the budget goes.
    pub const fn whole(budget_bytes: u64) -> Self {
        Self {
            from: 0,
            window: None,
            budget_bytes,
        }
    }
}

/// A stretch of time. An entry belongs to the moment at which it was written, for a statement its end:
/// only by that are logs in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first moment that belongs to it.
    pub from: Timestamp,
    /// The first moment that no longer does.
    pub to: Timestamp,
}

impl LogError {
    /// Whether another attempt may do better, and how long to wait for it.
    pub(crate) fn worth_another_try(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_in } => Some(*retry_in),
            Self::Cut { .. } => Some(Duration::from_millis(200)),
            _ => None,
        }
    }

    /// Whether it ends the whole call rather than the reading of one file.
    pub(crate) fn ends_the_call(&self) -> bool {
        self.blame() == Blame::Call
    }
}
