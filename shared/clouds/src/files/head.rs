//! The first bytes of a file's content: they stay the same while a file grows, is renamed, copied or
//! compressed, and are another file's when it is truncated and written anew.

use std::fs::File;
use std::io::{self, Seek};

use jiff::Timestamp;
use storex_sources::{Compression, LogTimes};

use super::decode::{compression, decoder, fill};
use super::open::read_at;

/// Bytes looked at for the first entry's time.
const LOOKED_AT: usize = 64 << 10;
/// Bytes kept: the server's own head and the better part of an entry.
const KEPT: usize = 1024;
/// So many bytes of an entry say which file it is: its time, connection and durations are no other's.
const TELLING: usize = 128;

/// The first bytes of a file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    bytes: Vec<u8>,
    telling: bool,
}

/// What the first bytes tell.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) head: Head,
    pub(super) compression: Compression,
    pub(super) first: Option<Timestamp>,
}

impl Head {
    /// Whether a file that began so can be the one that begins like `other`, having grown.
    pub(super) fn grew_into(&self, other: &Self) -> bool {
        other.bytes.starts_with(&self.bytes)
    }

    /// Whether no two different files begin so.
    pub(super) fn is_telling(&self) -> bool {
        self.telling
    }

    /// Whether `file`, which is not compressed, still begins so.
    pub(super) fn is_of(&self, file: &File) -> io::Result<bool> {
        let mut now = [0; KEPT];
        let Some(now) = now.get_mut(..self.bytes.len()) else {
            return Ok(false);
        };
        let read = read_at(file, now, 0)?;
        Ok(read == self.bytes.len() && *now == *self.bytes)
    }
}

/// Looks at the first bytes of a file's content. A file that cannot be unpacked has no head.
pub(super) fn look(file: &File, times: &LogTimes) -> io::Result<Looked> {
    let mut start = vec![0; LOOKED_AT];
    let read = read_at(file, &mut start, 0)?;
    start.truncate(read);
    let compression = compression(&start);
    if compression != Compression::None {
        let mut again = file.try_clone()?;
        again.rewind()?;
        start.resize(LOOKED_AT, 0);
        // What is damaged is told when it is read; so far it unpacks to what it does.
        let read = decoder(again, compression).map_or(0, |mut content| {
            let (read, _damage) = fill(&mut content, &mut start);
            read
        });
        start.truncate(read);
    }
    let whole = start.len() < LOOKED_AT;
    let first = times.first_entry(&start, true, whole);
    start.truncate(KEPT);
    let telling = first.is_some_and(|entry| start.len() >= entry.start + TELLING);
    Ok(Looked {
        head: Head {
            bytes: start,
            telling,
        },
        compression,
        first: first.map(|entry| entry.time),
    })
}
