//! The text of a slow log, or its records, in chunks of any size.

use crate::digest::Digest;
use crate::entry::{Entry, Unread};
use crate::records::Records;
use crate::text::{Boundaries, Parsed, State, is_whole, parse, parse_next};

/// So much is added to an entry that is held before its end is looked for.
const STEP: usize = 64 << 10;
/// Longer than a line in which an entry begins.
const TAIL: usize = 4 << 10;

/// Takes a slow log in chunks, its text or JSON records of it, and gives its entries to a digest.
///
/// Holds the entry that is not complete yet, up to [`Reader::LONGEST`] bytes of it.
pub struct Reader {
    records: Records,
    boundaries: Boundaries,
    state: State,
    /// The beginning of an entry whose end has not come, or of the text before the first entry.
    held: Vec<u8>,
    /// Whether an entry has begun.
    begun: bool,
    /// Bytes of the entry held that were dropped because it is too long.
    dropped: u64,
    /// Of the first byte held, from the start of what was read.
    offset: u64,
    unread: Unread,
}

/// Keeps the beginning of a text that is too long, and its last bytes, in which an entry may begin.
/// Returns how much was dropped between them.
pub(crate) fn drop_middle(text: &mut Vec<u8>, beginning: usize) -> u64 {
    let end = text.len().saturating_sub(TAIL);
    if end <= beginning {
        return 0;
    }
    text.drain(beginning..end);
    (end - beginning) as u64
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            records: Records::default(),
            boundaries: Boundaries::new(),
            state: State::default(),
            held: Vec::new(),
            begun: false,
            dropped: 0,
            offset: 0,
            unread: Unread::default(),
        }
    }
}

impl Reader {
    /// Of a longer entry only so much is read: its figures, and the beginning of its statement.
    pub const LONGEST: usize = 1 << 20;

    /// A reader of text that begins so far into a log.
    pub fn starting_at(offset: u64) -> Self {
        Self {
            offset,
            ..Self::default()
        }
    }

    /// Reads the next chunk.
    pub fn feed(&mut self, chunk: &[u8], digest: &mut Digest) {
        let mut records = std::mem::take(&mut self.records);
        self.feed_text(records.text_of(chunk), digest);
        self.records = records;
    }

    fn feed_text(&mut self, chunk: &[u8], digest: &mut Digest) {
        let mut rest = chunk;
        while !self.held.is_empty() && !rest.is_empty() {
            let (now, later) = rest.split_at_checked(STEP).unwrap_or((rest, &[]));
            self.held.extend_from_slice(now);
            let mut held = std::mem::take(&mut self.held);
            let used = self.complete(&held, digest);
            let left = held.len() - used;
            rest = later;
            if used > 0 && left <= now.len() {
                // What is left came with this chunk: it is read from there, without a copy.
                let from = chunk.len() - later.len() - left;
                rest = chunk.get(from..).unwrap_or_default();
            } else {
                held.drain(..used);
                self.held = held;
                self.shorten();
            }
        }
        if !rest.is_empty() {
            let used = self.complete(rest, digest);
            self.hold(rest.get(used..).unwrap_or_default());
        }
    }

    /// Reads what is complete. Returns how many bytes that was.
    fn complete(&mut self, text: &[u8], digest: &mut Digest) -> usize {
        let mut at = 0;
        if !self.begun {
            let Some(first) = self.boundaries.first(text) else {
                return 0;
            };
            self.skip_head(text.get(..first).unwrap_or_default());
            self.begun = true;
            at = first;
            self.offset += first as u64;
        }
        while let Some(rest) = text.get(at..)
            && let Some((parsed, length)) = parse_next(rest, &self.boundaries, &mut self.state)
        {
            self.take(&parsed, length, digest);
            at += length;
        }
        at
    }

    /// Takes what stands next, which is so long.
    fn take(&mut self, parsed: &Parsed<'_>, length: usize, digest: &mut Digest) {
        let dropped = std::mem::take(&mut self.dropped);
        let length = length as u64 + dropped;
        match parsed {
            Parsed::Entry(entry) => {
                let entry = Entry {
                    offset: self.offset,
                    database: entry.database.or(self.state.database()),
                    ..*entry
                };
                self.unread.long_statements += u64::from(dropped > 0);
                digest.add(&entry);
            }
            Parsed::Broken => {
                self.unread.broken_entries += 1;
                self.unread.broken_bytes += length;
            }
            Parsed::Preamble => {}
        }
        self.offset += length;
    }

    /// The lines a server writes when it opens the log are no loss.
    fn skip_head(&mut self, head: &[u8]) {
        let is_preamble = memchr::memmem::find(head, b"started with:").is_some()
            && head.trim_ascii_end().ends_with(b"Argument");
        if !is_preamble && !head.trim_ascii().is_empty() {
            self.unread.head_bytes += head.len() as u64;
        }
    }

    fn hold(&mut self, rest: &[u8]) {
        self.held.extend_from_slice(rest);
        self.shorten();
    }

    fn shorten(&mut self) {
        if self.begun {
            self.dropped += drop_middle(&mut self.held, Self::LONGEST);
        } else if self.held.len() > Self::LONGEST + TAIL {
            let head = drop_middle(&mut self.held, 0);
            self.unread.head_bytes += head;
            self.offset += head;
        }
    }

    /// The text ends here: its last entry is complete, or cut. Tells the digest what could not be read.
    pub fn finish(self, digest: &mut Digest) {
        let (unread, _) = self.finish_piece(digest, true);
        digest.left_out(&unread);
    }

    /// As [`Self::finish`] where the text may go on with another entry. Returns what could not be read
    /// and the default database at its end, where a `use` told it.
    pub(crate) fn finish_piece(
        mut self,
        digest: &mut Digest,
        is_last: bool,
    ) -> (Unread, Option<Vec<u8>>) {
        let mut records = std::mem::take(&mut self.records);
        self.feed_text(records.end(), digest);
        self.unread.merge(records.unread());
        let held = std::mem::take(&mut self.held);
        if !self.begun {
            self.skip_head(&held);
        } else if is_last && !is_whole(&held) {
            let bytes = held.len() as u64 + self.dropped;
            self.unread.cut_entries += u64::from(bytes > 0);
            self.unread.broken_bytes += bytes;
        } else if !held.is_empty() {
            let parsed = parse(&held, &mut self.state);
            self.take(&parsed, held.len(), digest);
        }
        (self.unread, self.state.database().map(<[u8]>::to_vec))
    }
}
