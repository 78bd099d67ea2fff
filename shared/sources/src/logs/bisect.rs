//! Seeks a moment in a log that is in order, by halving. It does no I/O: it says which bytes to read
//! next and is given them, so that local files and ranges of a remote object are sought alike.

use jiff::Timestamp;

use super::LogTimes;

/// Bytes read to find an entry; below this distance nothing is gained by halving.
const BLOCK: u64 = 64 << 10;
/// Bytes read at most to find one: a statement may be that long.
const LONGEST: u64 = 16 << 20;

/// Seeks the first entry written at or after a moment.
#[derive(Debug)]
pub struct Bisection {
    times: LogTimes,
    target: Timestamp,
    /// Every entry that begins before it was written before the target.
    low: u64,
    low_time: Option<Timestamp>,
    /// No entry that was written before the target is known to begin at or after it.
    high: u64,
    high_time: Option<Timestamp>,
    /// An entry that begins here and all after it were written at or after the target.
    end: u64,
    limit: u64,
    length: u64,
    in_order: bool,
}

/// Bytes to read: `length` of them, fewer at the end of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

impl Bisection {
    /// Seeks `target` between two offsets; an entry begins at `from`.
    pub fn new(times: LogTimes, target: Timestamp, from: u64, to: u64) -> Self {
        Self {
            times,
            target,
            low: from,
            low_time: None,
            high: to,
            high_time: None,
            end: to,
            limit: to,
            length: BLOCK,
            in_order: true,
        }
    }

    /// What to read next and give to [`Self::give`]; `None` when nothing more is to be gained.
    pub fn wants(&self) -> Option<Span> {
        if !self.in_order || self.high.saturating_sub(self.low) <= BLOCK {
            return None;
        }
        Some(Span {
            offset: self.middle(),
            length: self.length,
        })
    }

    /// The bytes it wanted.
    pub fn give(&mut self, bytes: &[u8]) {
        let middle = self.middle();
        let reached = middle + bytes.len() as u64;
        let short = (bytes.len() as u64) < self.length;
        let at_the_end = short || reached >= self.limit;
        let entry = self.times.first_entry(bytes, false, at_the_end);
        match entry.map(|entry| (middle + entry.start as u64, entry.time)) {
            Some((start, time)) if start < self.high => self.compare(middle, start, time),
            // It begins where nothing more is to be found out.
            Some(_) => self.lower(middle),
            None if at_the_end || reached >= self.high + BLOCK || self.length >= LONGEST => {
                self.lower(middle);
            }
            None => {
                self.length *= 4;
                return;
            }
        }
        self.length = BLOCK;
    }

    /// Whether the times found were in order. Where they were not, nothing may be passed over.
    pub fn in_order(&self) -> bool {
        self.in_order
    }

    /// Where to begin: an entry begins here, and all before it were written before the target.
    pub fn begin(&self) -> u64 {
        self.low
    }

    /// Where to end, for a target that is the end of a window: an entry begins here (or the log ends),
    /// and from it on all were written at or after the target.
    pub fn end(&self) -> u64 {
        self.end
    }

    fn middle(&self) -> u64 {
        self.low + (self.high - self.low) / 2
    }

    fn compare(&mut self, middle: u64, start: u64, time: Timestamp) {
        let slack = self.times.slack();
        let before = |one: Timestamp, other: Timestamp| one.duration_since(other) < -slack;
        if self.low_time.is_some_and(|low| before(time, low))
            || self.high_time.is_some_and(|high| before(high, time))
        {
            self.in_order = false;
        } else if time < self.target {
            self.low = start;
            self.low_time = Some(time);
        } else {
            self.lower(middle);
            self.high_time = Some(time);
            self.end = start;
        }
    }

    fn lower(&mut self, middle: u64) {
        self.high = middle;
    }
}
