//! Deadlocks in error logs, which `innodb_print_all_deadlocks` writes: text in, deadlocks out.
//! Pure, and never fails.
//!
//! MySQL heads each part with `2026-11-23T07:16:33.948361Z 0 [Note] [MY-012469] [InnoDB]`, MariaDB
//! with `2026-11-23  7:16:32 107 [Note] InnoDB:` and local time; what is printed below a head has no
//! prefix of its own. Entries of others may stand in between, and a slice of a log begins and ends
//! anywhere: what belongs to no deadlock is counted, what is not understood is kept.
//! `performance_schema.error_log` holds the heads only.

use serde::Serialize;

use super::deadlock::{Deadlock, DeadlockReader};
use super::log_prefix::{Entry, entry};
use super::scan::{capped, short};
use super::tally::{Read, Reader};

/// Deadlocks kept of one text, the latest ones.
const DEADLOCKS_AT_MOST: usize = 1_000;
/// Dumps of different threads open at once.
const OPEN_AT_MOST: usize = 16;
const UNPARSED_AT_MOST: usize = 200;
const UNPARSED_BYTES: usize = 256;

/// What a log tells of deadlocks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LogDeadlocks {
    /// In the order they ended.
    pub deadlocks: Vec<LoggedDeadlock>,
    /// Earlier ones that were read and not kept.
    pub left_out: u64,
    /// Lines not understood, the first 200 of them; `lines.unparsed` counts all.
    pub unparsed: Vec<String>,
    /// What became of every line.
    pub lines: LogLines,
}

/// One deadlock in a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LoggedDeadlock {
    /// When it was written, as printed: UTC with an offset (MySQL), local time (MariaDB).
    pub at: Option<String>,
    /// The thread that wrote it.
    pub thread: Option<String>,
    /// What was printed.
    pub deadlock: Deadlock,
    /// It was printed from its first line to the one that names the victim.
    pub complete: bool,
}

/// What became of the text's lines. `total` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LogLines {
    /// Lines read.
    pub total: u64,
    /// Empty lines.
    pub blank: u64,
    /// Lines of deadlocks.
    pub deadlock: u64,
    /// Lines of other entries.
    pub other: u64,
    /// Lines not understood.
    pub unparsed: u64,
}

/// An entry of a log, or the head of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// When it was written, as printed.
    pub at: &'a str,
    /// The thread that wrote it.
    pub thread: Option<&'a str>,
    /// What it says.
    pub text: &'a str,
}

/// Reads the text of an error log, of MySQL or of MariaDB.
pub fn parse_log(text: &str) -> LogDeadlocks {
    let mut log = LogReader::default();
    for line in text.lines() {
        match entry(line) {
            Some(Entry::InnoDb(part)) => log.part(part),
            Some(Entry::Other) => log.other(),
            None => log.line(line),
        }
    }
    log.finish()
}

/// Reads InnoDB's entries one by one, oldest first.
pub fn read_parts<'a>(parts: impl Iterator<Item = Part<'a>>) -> LogDeadlocks {
    let mut log = LogReader::default();
    for part in parts {
        let mut lines = part.text.lines();
        let text = lines.next().unwrap_or_default();
        log.part(Part { text, ..part });
        lines.for_each(|line| log.line(line));
    }
    log.finish()
}

#[derive(Debug, Default)]
struct LogReader {
    out: LogDeadlocks,
    /// Dumps that have not ended, in the order they began.
    open: Vec<Open>,
    /// Whose lines without a prefix are.
    last: Last,
}

#[derive(Debug)]
struct Open {
    at: Option<String>,
    thread: Option<String>,
    /// Its first line was seen.
    headed: bool,
    reader: DeadlockReader,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Last {
    /// The text begins here, or a dump has ended.
    #[default]
    Nothing,
    /// An entry of others, by itself.
    Other,
    /// A dump: its place in the list.
    Dump(usize),
}

impl LogReader {
    /// An entry of InnoDB.
    fn part(&mut self, part: Part<'_>) {
        let text = part.text.trim();
        if text.starts_with("Transactions deadlock detected") {
            let place = self.begin(part, true);
            self.last = Last::Dump(place);
            self.count(Some(Read::Structure), part.text);
        } else if text.starts_with("*** ") || text.starts_with("TOO DEEP OR LONG SEARCH") {
            let place = self.place_of(part, text);
            self.feed(place, text);
        } else if text.is_empty() && self.of_thread(part.thread).is_some() {
            // MariaDB begins some messages with a line break.
            self.last = self.of_thread(part.thread).map_or(Last::Other, Last::Dump);
            self.count(Some(Read::Structure), part.text);
        } else {
            self.other();
        }
    }

    /// An entry of others: it does not end a dump that goes on below it.
    fn other(&mut self) {
        self.out.lines.total += 1;
        self.out.lines.other += 1;
        if !matches!(self.last, Last::Dump(_)) {
            self.last = Last::Other;
        }
    }

    /// A line without a prefix.
    fn line(&mut self, line: &str) {
        let blank = line.trim().is_empty();
        match self.last {
            Last::Dump(place) if blank => {
                self.out.lines.total += 1;
                self.out.lines.blank += 1;
                if let Some(open) = self.open.get_mut(place) {
                    open.reader.blank();
                }
            }
            Last::Dump(place) => self.feed(place, line),
            _ if blank => {
                self.out.lines.total += 1;
                self.out.lines.blank += 1;
            }
            _ if line.starts_with("*** ") => {
                let place = self.begin(
                    Part {
                        at: "",
                        thread: None,
                        text: line,
                    },
                    false,
                );
                self.feed(place, line);
            }
            Last::Other => {
                self.out.lines.total += 1;
                self.out.lines.other += 1;
            }
            Last::Nothing => self.count(None, line),
        }
    }

    /// The open dump a marked line belongs to; a first transaction begins one if need be.
    fn place_of(&mut self, part: Part<'_>, text: &str) -> usize {
        let begins = text == "*** (1) TRANSACTION:";
        // A dump whose first prefix was cut off gets its thread from the next one.
        let nameless = self.open.iter_mut().rfind(|open| open.thread.is_none());
        if let (Some(open), false) = (nameless, begins) {
            open.thread = part.thread.and_then(short);
            open.at = open.at.take().or_else(|| short(part.at));
        }
        let going_on = self.of_thread(part.thread).filter(|place| {
            let open = self.open.get(*place);
            open.is_some_and(|open| !begins || !open.reader.has_begun())
        });
        going_on.unwrap_or_else(|| self.begin(part, false))
    }

    fn of_thread(&self, thread: Option<&str>) -> Option<usize> {
        self.open
            .iter()
            .rposition(|open| open.thread.as_deref() == thread)
    }

    /// Begins a dump; an open one of the same thread has ended without saying so.
    fn begin(&mut self, part: Part<'_>, headed: bool) -> usize {
        if let Some(place) = self.of_thread(part.thread) {
            self.close(place);
        }
        if self.open.len() >= OPEN_AT_MOST {
            self.close(0);
        }
        self.open.push(Open {
            at: short(part.at),
            thread: part.thread.and_then(short),
            headed,
            reader: DeadlockReader::default(),
        });
        self.open.len() - 1
    }

    fn feed(&mut self, place: usize, line: &str) {
        self.last = Last::Dump(place);
        let Some(open) = self.open.get_mut(place) else {
            return self.count(None, line);
        };
        let read = open.reader.line(line);
        let ended = open.reader.names_victim();
        self.count(read, line);
        if ended {
            self.close(place);
        }
    }

    fn close(&mut self, place: usize) {
        self.last = Last::Nothing;
        let open = self.open.remove(place);
        let ended = open.reader.names_victim();
        if self.out.deadlocks.len() >= DEADLOCKS_AT_MOST {
            self.out.deadlocks.remove(0);
            self.out.left_out += 1;
        }
        self.out.deadlocks.push(LoggedDeadlock {
            at: open.at,
            thread: open.thread,
            deadlock: open.reader.finish(),
            complete: open.headed && ended,
        });
    }

    fn count(&mut self, read: Option<Read>, line: &str) {
        let lines = &mut self.out.lines;
        lines.total += 1;
        if read.is_some() {
            lines.deadlock += 1;
            return;
        }
        lines.unparsed += 1;
        if self.out.unparsed.len() < UNPARSED_AT_MOST {
            self.out
                .unparsed
                .push(capped(line, UNPARSED_BYTES).to_owned());
        }
    }

    fn finish(mut self) -> LogDeadlocks {
        while !self.open.is_empty() {
            self.close(0);
        }
        self.out
    }
}
