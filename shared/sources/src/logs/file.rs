//! What is known of a log file without reading it.

use std::fmt;

use jiff::Timestamp;

/// Which log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogKind {
    /// The slow query log.
    Slow,
    /// The error log.
    Error,
}

impl LogKind {
    /// Both, in the order people look at them.
    pub const ALL: [Self; 2] = [Self::Slow, Self::Error];

    /// Its name in the inventory and in snapshots.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for LogKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all: it can be read from any offset.
    None,
    /// gzip, of one or several members.
    Gzip,
    /// Zstandard, of one or several frames.
    Zstd,
    /// bzip2, of one or several streams.
    Bzip2,
}

impl Compression {
    /// Its usual name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }
}

/// A file's name as its source gives it. It holds letters, digits and `._@%:+=/,-` only, so that it
/// carries no instruction and may stand in errors and answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogName(String);

impl LogName {
    /// The longest name: an object's path in a cloud's store.
    const LONGEST: usize = 512;

    /// The name, or `None` where it has other characters or is too long.
    pub fn new(name: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._@%:+=/,-".contains(&b);
        ((1..=Self::LONGEST).contains(&name.len()) && name.bytes().all(plain))
            .then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A log file as its source lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Its name at the time.
    pub name: LogName,
    /// What its source knows it by. It stays the same when the file is rotated.
    pub id: String,
    /// Which log it is a part of.
    pub kind: LogKind,
    /// Bytes as they are stored; unknown for a stream of events.
    pub size_bytes: Option<u64>,
    /// How it is compressed.
    pub compression: Compression,
    /// The times of its entries, as far as they are known.
    pub covered: Covered,
    /// When it was last written.
    pub modified_at: Option<Timestamp>,
}

/// The times of a file's entries, as far as they are known without reading all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Covered {
    /// The first.
    pub first: Option<Timestamp>,
    /// The last; of a compressed file it is not known.
    pub last: Option<Timestamp>,
}

/// Files that should lie between two others and do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGap {
    /// The file before it.
    pub after: LogName,
    /// The file after it.
    pub before: LogName,
    /// How many are missing.
    pub files: u64,
}

/// The files of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogListing {
    /// Oldest first.
    pub files: Vec<LogFile>,
    /// Whether each was begun when the one before it was complete, as in a rotated set. What a pattern
    /// matches may be logs of several servers.
    pub in_turn: bool,
    /// What the names of the files say is missing.
    pub gaps: Vec<LogGap>,
    /// Files that are there and cannot be used, in a word or two each: for the coverage.
    pub left_out: Vec<LeftOut>,
}

/// Files that are there and cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// Why: `a link that leads elsewhere`.
    pub why: &'static str,
    /// How many.
    pub files: u64,
}

impl LogListing {
    /// Counts a file that cannot be used.
    pub fn leave_out(&mut self, why: &'static str) {
        match self.left_out.iter_mut().find(|left| left.why == why) {
            Some(left) => left.files += 1,
            None => self.left_out.push(LeftOut { why, files: 1 }),
        }
    }
}
