//! Splits the bytes of an error log into entries, as they come: memory does not grow with the log.

use jiff::tz::TimeZone;
use storex_sources::{LogKind, LogTimes};

use super::Entry;
use super::head::head;

/// Bytes of a line that are kept.
const LINE_BYTES: usize = 4 << 10;

/// Lines read; each is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// All of them.
    pub total: u64,
    /// First lines of entries.
    pub heads: u64,
    /// Lines below one.
    pub more: u64,
    /// Lines before the first entry, of one whose beginning was not read.
    pub before: u64,
}

/// Reads one log.
#[derive(Debug)]
pub struct Reader {
    times: LogTimes,
    /// The beginning of a line whose end has not come yet.
    partial: Vec<u8>,
    /// Whether `partial` is a line at all, though maybe an empty one.
    in_line: bool,
    open: Option<Entry>,
    lines: Lines,
}

impl Reader {
    /// A reader of a log whose times without a zone are of `zone`.
    pub fn new(zone: TimeZone) -> Self {
        Self {
            times: LogTimes::new(LogKind::Error, zone),
            partial: Vec::new(),
            in_line: false,
            open: None,
            lines: Lines::default(),
        }
    }

    /// Reads the next bytes and hands out the entries that end in them. `joined` says that they follow
    /// directly on those before.
    pub fn feed(&mut self, bytes: &[u8], joined: bool, take: &mut impl FnMut(Entry)) {
        if !joined {
            self.close(take);
        }
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            let last = pieces.peek().is_none();
            if !(last && piece.is_empty()) {
                let room = LINE_BYTES.saturating_sub(self.partial.len());
                let kept = piece.get(..piece.len().min(room)).unwrap_or_default();
                self.partial.extend_from_slice(kept);
                self.in_line = true;
            }
            if !last {
                self.in_line = true;
                self.line(take);
            }
        }
    }

    /// Hands out the last entry, and says what was read.
    pub fn finish(mut self, take: &mut impl FnMut(Entry)) -> Lines {
        self.close(take);
        self.lines
    }

    /// Ends the line and the entry that are open.
    fn close(&mut self, take: &mut impl FnMut(Entry)) {
        self.line(take);
        if let Some(entry) = self.open.take() {
            take(entry);
        }
    }

    /// Takes the line that has come to its end.
    fn line(&mut self, take: &mut impl FnMut(Entry)) {
        if !std::mem::take(&mut self.in_line) {
            return;
        }
        let bytes = std::mem::take(&mut self.partial);
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim_end_matches('\r');
        self.lines.total += 1;
        if let Some(entry) = head(line, &self.times) {
            self.lines.heads += 1;
            if let Some(entry) = self.open.replace(entry) {
                take(entry);
            }
        } else if let Some(entry) = &mut self.open {
            self.lines.more += 1;
            entry.more_lines += 1;
        } else {
            self.lines.before += 1;
        }
        self.partial = bytes;
        self.partial.clear();
    }
}
