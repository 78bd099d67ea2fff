//! Finds where entries begin and when they were written, in raw bytes from anywhere in a log: just
//! enough for seeking. Splitting and understanding entries is somebody else's work.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::LogKind;

/// Entries are written a little out of order: each takes its time before it waits for the log.
const DISORDER: SignedDuration = SignedDuration::from_secs(5);
/// When clocks are put back, an hour of local time is there twice.
const CLOCKS_BACK: SignedDuration = SignedDuration::from_hours(1);

/// Reads the times of a log.
#[derive(Debug, Clone)]
pub struct LogTimes {
    kind: LogKind,
    zone: TimeZone,
}

/// Where an entry begins, and when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryAt {
    /// The offset of its first line in the bytes looked at.
    pub start: usize,
    /// When it was written: for a statement its end.
    pub time: Timestamp,
}

/// An entry of a slow log whose time has not been seen.
struct Opened {
    start: usize,
    /// From a `# Time:` in local time, which may be in another zone than we think.
    local: Option<Timestamp>,
    /// How long the statement took.
    took: SignedDuration,
    /// MariaDB dates an entry by the start of its statement.
    by_start: bool,
}

impl LogTimes {
    /// Times of a log of this kind; those written without a zone are of `zone`.
    pub fn new(kind: LogKind, zone: TimeZone) -> Self {
        Self { kind, zone }
    }

    /// How far entries may be out of order.
    pub fn slack(&self) -> SignedDuration {
        let local = self.kind == LogKind::Error && self.zone.to_fixed_offset().is_err();
        if local {
            DISORDER + CLOCKS_BACK
        } else {
            DISORDER
        }
    }

    /// The first entry that begins in `bytes` and tells its time there. `whole_lines` says that the
    /// first line is whole, `to_the_end` that the last one is, though no line break follows.
    pub fn first_entry(
        &self,
        bytes: &[u8],
        whole_lines: bool,
        to_the_end: bool,
    ) -> Option<EntryAt> {
        self.entries(Lines::of(bytes, whole_lines, to_the_end), whole_lines, true)
    }

    /// When the last entry that tells its time in `bytes` was written; `bytes` is the end of a file.
    pub fn last_time(&self, bytes: &[u8]) -> Option<Timestamp> {
        self.entries(Lines::of(bytes, false, true), false, false)
            .map(|entry| entry.time)
    }

    fn entries<'b>(
        &self,
        lines: impl Iterator<Item = (usize, &'b [u8])>,
        whole_lines: bool,
        first_only: bool,
    ) -> Option<EntryAt> {
        match self.kind {
            LogKind::Slow => self.slow(lines, whole_lines, first_only),
            LogKind::Error => self.error(lines, first_only),
        }
    }

    /// An entry begins with `# Time:` where there is one and else with `# User@Host:`. The time of the
    /// `# Time:` that MySQL writes from 5.7 on is the end of the statement and says all. Else `SET
    /// timestamp=` counts, which has no zone to be wrong about: of MySQL before 5.7 it is the end as well
    /// (the manual of 8.0: "prior to MySQL 8.0.14, the timestamp indicates the time at which the slow
    /// statement was logged"), of MariaDB the start, as its `# Time:` is (seen on 10.11). A `# Time:`
    /// that no `# User@Host:` follows is a line of somebody's statement. A `# User@Host:` right behind a
    /// line that was cut off may have lost its `# Time:`, so its entry is left undated.
    fn slow<'b>(
        &self,
        lines: impl Iterator<Item = (usize, &'b [u8])>,
        whole_lines: bool,
        first_only: bool,
    ) -> Option<EntryAt> {
        let mut may_have_lost_its_time = !whole_lines;
        let mut found = None;
        let mut timed: Option<(usize, Option<Stamp>)> = None;
        let mut opened: Option<Opened> = None;
        for (start, line) in lines {
            let mut entry = None;
            let behind_a_cut = std::mem::take(&mut may_have_lost_its_time);
            if behind_a_cut && line.starts_with(b"# User@Host: ") {
                continue;
            }
            if let Some(rest) = line.strip_prefix(b"# Time: ") {
                timed = Some((start, self.stamp(rest)));
                continue;
            }
            if line.starts_with(b"# User@Host: ") {
                entry = opened.take().and_then(Opened::by_local_time);
                let (begin, stamp) = timed.take().unwrap_or((start, None));
                match stamp {
                    Some(Stamp::Exact(time)) => entry = Some(EntryAt { start: begin, time }),
                    other => {
                        opened = Some(Opened {
                            start: begin,
                            local: other.map(Stamp::time),
                            took: SignedDuration::ZERO,
                            by_start: false,
                        });
                    }
                }
            } else if let Some(rest) = line.strip_prefix(b"SET timestamp=") {
                entry = opened
                    .take()
                    .and_then(|opened| opened.dated(seconds(rest).or(opened.local)?));
            } else if let Some(opened) = &mut opened {
                opened.learn(line);
            }
            timed = None;
            if entry.is_some() {
                found = entry;
                if first_only {
                    return found;
                }
            }
        }
        found
    }

    /// Every entry of an error log begins with its time; other lines go on with the entry before.
    fn error<'b>(
        &self,
        lines: impl Iterator<Item = (usize, &'b [u8])>,
        first_only: bool,
    ) -> Option<EntryAt> {
        let mut found = None;
        for (start, line) in lines {
            if let Some(stamp) = self.stamp(line) {
                found = Some(EntryAt {
                    start,
                    time: stamp.time(),
                });
                if first_only {
                    return found;
                }
            }
        }
        found
    }

    /// `2026-11-23T07:15:46.552032Z` (or with an offset), `2026-11-23  7:16:32` or `261123  7:20:11`
    /// at the start of `text`.
    fn stamp(&self, text: &[u8]) -> Option<Stamp> {
        if text.starts_with(b"{") {
            return in_record(text).map(Stamp::Exact);
        }
        let text = text.get(..text.len().min(40))?;
        // Nothing of what follows may keep the time from being read.
        let ascii = text.iter().take_while(|b| b.is_ascii()).count();
        let text = str::from_utf8(text.get(..ascii)?).ok()?;
        let mut words = text.split_ascii_whitespace();
        let first = words.next().filter(|_| !text.starts_with(' '))?;
        if first.contains('T') {
            return first.parse().ok().map(Stamp::Exact);
        }
        let date = date(first)?;
        let mut parts = words.next()?.splitn(3, ':');
        let mut part = || number(parts.next()?);
        let (hour, minute, second) = (part()?, part()?, part()?);
        let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
        let local = DateTime::from_parts(date, time);
        let time = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Stamp::Local(time))
    }
}

impl Opened {
    fn learn(&mut self, line: &[u8]) {
        if let Some(rest) = line.strip_prefix(b"# Query_time: ") {
            let word = rest.split(|b| *b == b' ').next();
            let seconds = word.and_then(|word| str::from_utf8(word).ok()?.parse().ok());
            let took = seconds.and_then(|s| SignedDuration::try_from_secs_f64(s).ok());
            self.took = took.unwrap_or_default();
        } else if line.starts_with(b"# Thread_id: ") {
            self.by_start = memchr::memmem::find(line, b" QC_hit: ").is_some();
        }
    }

    fn dated(&self, stamp: Timestamp) -> Option<EntryAt> {
        let took = if self.by_start {
            self.took
        } else {
            SignedDuration::ZERO
        };
        Some(EntryAt {
            start: self.start,
            time: stamp.checked_add(took).ok()?,
        })
    }

    fn by_local_time(self) -> Option<EntryAt> {
        self.dated(self.local?)
    }
}

#[derive(Clone, Copy)]
enum Stamp {
    /// It says its zone.
    Exact(Timestamp),
    /// It does not.
    Local(Timestamp),
}

impl Stamp {
    fn time(self) -> Timestamp {
        match self {
            Self::Exact(time) | Self::Local(time) => time,
        }
    }
}

/// `"time" : "2026-11-23T20:31:33.510135Z"` of a record that MySQL's `log_sink_json` writes.
fn in_record(line: &[u8]) -> Option<Timestamp> {
    let at = memchr::memmem::find(line, b"\"time\" : \"")?;
    let time = line.get(at + 10..)?.split(|b| *b == b'"').next()?;
    str::from_utf8(time).ok()?.parse().ok()
}

/// `2026-11-23` or `261123`.
fn date(text: &str) -> Option<Date> {
    let (year, month, day) = if let Some((year, rest)) = text.split_once('-') {
        let (month, day) = rest.split_once('-')?;
        if year.len() != 4 {
            return None;
        }
        (year.parse().ok()?, number(month)?, number(day)?)
    } else {
        if text.len() != 6 {
            return None;
        }
        let part = |from: usize| number(text.get(from..from + 2)?);
        (2000 + i16::from(part(0)?), part(2)?, part(4)?)
    };
    Date::new(year, month, day).ok()
}

fn number(text: &str) -> Option<i8> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// `1795416500;` or `1795416500.123456;`
fn seconds(text: &[u8]) -> Option<Timestamp> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    // A number that ends with the bytes may be half of one.
    text.get(digits).filter(|b| matches!(b, b';' | b'.'))?;
    let seconds = str::from_utf8(text.get(..digits)?).ok()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
}

/// Lines with their offsets.
struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
    to_the_end: bool,
}

impl<'b> Lines<'b> {
    fn of(bytes: &'b [u8], whole_lines: bool, to_the_end: bool) -> Self {
        let mut lines = Self {
            bytes,
            at: 0,
            to_the_end,
        };
        if !whole_lines {
            lines.next();
        }
        lines
    }
}

impl<'b> Iterator for Lines<'b> {
    type Item = (usize, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let Some(length) = memchr::memchr(b'\n', rest) else {
            self.at = self.bytes.len();
            return self.to_the_end.then_some((start, rest));
        };
        self.at = start + length + 1;
        Some((start, rest.get(..length)?))
    }
}
