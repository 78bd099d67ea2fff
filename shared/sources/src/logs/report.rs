//! What a reading of logs passed over, gave up or lost: said, never silent.

use std::fmt;

use super::{Compression, LogGap, LogName};

/// Why bytes were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreadWhy {
    /// The budget was used up.
    Budget,
    /// The file was rotated away and could not be found again.
    Rotated,
    /// The file is damaged.
    Damaged,
    /// This user may not read it.
    Denied,
    /// The log store did not answer, or not in time.
    Unreachable,
    /// It is in a table without an index, and searching more of it would keep the server busy.
    Costly,
    /// Statements are longer than what is read of one.
    LongStatements,
    /// Lines of a record that came after it was handed out, in a store that keeps no order.
    OutOfOrder,
    /// Anything else; the log of this server says what.
    Failed,
}

impl fmt::Display for UnreadWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Budget => "the bytes one call may read were used up",
            Self::Rotated => "it was rotated away and not found again",
            Self::Damaged => "the file is damaged",
            Self::Denied => "storex may not read it",
            Self::Unreachable => "the log store did not answer",
            Self::Costly => "searching more of it would cost the server too much",
            Self::LongStatements => "only the beginning of a long statement is read",
            Self::OutOfOrder => "they are too far from the rest of their records",
            Self::Failed => "reading failed",
        })
    }
}

/// Bytes that were asked for and not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub file: LogName,
    /// How many, as they are stored; unknown where the end is.
    pub bytes: Option<u64>,
    /// Why.
    pub why: UnreadWhy,
}

/// What one stream passed over or gave up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamState {
    /// Asked for and not read.
    pub unread: Vec<Unread>,
    /// Bytes outside the window that were passed over without reading them.
    pub passed_over_bytes: u64,
    /// A window was asked for and the file had to be read from its start all the same.
    pub read_from_start: bool,
    /// How often the file was rotated while it was read, and reading went on in what it became.
    pub rotations: u32,
}

/// What was read of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFile {
    /// The file.
    pub name: LogName,
    /// How it is compressed.
    pub compression: Compression,
    /// Bytes handed out, decompressed.
    pub bytes: u64,
    /// A window was asked for and the file had to be read from its start all the same.
    pub read_from_start: bool,
}

/// What was read of a log, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogReport {
    /// The files read, in their order.
    pub files: Vec<ReadFile>,
    /// Bytes handed out, decompressed.
    pub bytes: u64,
    /// Bytes outside the window that were passed over without reading them.
    pub passed_over_bytes: u64,
    /// Asked for and not read.
    pub unread: Vec<Unread>,
    /// Files the names of the others say are missing.
    pub gaps: Vec<LogGap>,
    /// How often a file was rotated while it was read.
    pub rotations: u32,
    /// How often reading went on after a cut connection or a throttled request.
    pub resumed: u32,
}

impl LogReport {
    /// Adds what a stream of the file at `place` tells when it ends.
    pub(super) fn close(&mut self, state: StreamState, place: usize) {
        self.passed_over_bytes += state.passed_over_bytes;
        self.rotations += state.rotations;
        self.unread.extend(state.unread);
        if let Some(file) = self.files.get_mut(place) {
            file.read_from_start |= state.read_from_start;
        }
    }
}
