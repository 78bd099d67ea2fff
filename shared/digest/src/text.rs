//! The text of a slow log: where entries begin, and what one says. Pure.
//!
//! An entry is a header of lines that begin with `#`, then `use`, then `SET timestamp`, then the
//! statement up to the next header. A statement may hold lines that look like a header: only a line of
//! one that is followed by the rest of a header begins an entry.

mod header;
mod lines;
mod time;

use memchr::memmem::Finder;

use crate::entry::Entry;
pub(crate) use header::State;
use header::{Header, header_line};
use lines::{line_end, split_line};

/// Finds where entries begin.
pub(crate) struct Boundaries {
    line: Finder<'static>,
    user: Finder<'static>,
    time: Finder<'static>,
}

/// What stands at the start of some text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed<'a> {
    /// An entry.
    Entry(Entry<'a>),
    /// Something that is none.
    Broken,
    /// The lines a server writes when it opens its log, or a header without a statement of its own.
    Preamble,
}

impl Boundaries {
    pub(crate) fn new() -> Self {
        Self {
            line: Finder::new(b"\n# "),
            user: Finder::new(b"\n# User@Host: "),
            time: Finder::new(b"\n# Time: "),
        }
    }

    /// Where the entry after the one at the start of `text` begins; none where the text ends first.
    pub(crate) fn next(&self, text: &[u8]) -> Option<usize> {
        let mut from = body_start(text)?;
        // The line break before the first line of the body is part of the search.
        from = from.saturating_sub(1);
        loop {
            let at = from + self.line.find(text.get(from..)?)? + 1;
            match begins(text.get(at..)?) {
                Begins::Yes => return Some(at),
                Begins::No => from = at,
                Begins::Unknown => return None,
            }
        }
    }

    /// Where the last entry begins, for cutting a text in two; none where there is no second entry.
    pub(crate) fn last(&self, text: &[u8]) -> Option<usize> {
        let timed = last_of(text, &self.time);
        timed.or_else(|| last_of(text, &self.user))
    }

    /// Where the first entry begins.
    pub(crate) fn first(&self, text: &[u8]) -> Option<usize> {
        if begins(text) == Begins::Yes {
            return Some(0);
        }
        let mut from = 0;
        loop {
            let at = from + self.line.find(text.get(from..)?)? + 1;
            if begins(text.get(at..)?) == Begins::Yes {
                return Some(at);
            }
            from = at;
        }
    }
}

fn last_of(text: &[u8], needle: &Finder<'_>) -> Option<usize> {
    // `Finder` searches forwards: look in ever larger tails, for entries are short.
    let mut tail = 1 << 14;
    loop {
        let start = text.len().saturating_sub(tail);
        let (mut from, mut last) = (start, None);
        while let Some(found) = text.get(from..).and_then(|rest| needle.find(rest)) {
            let at = from + found + 1;
            if text.get(at..).map(begins) == Some(Begins::Yes) {
                last = Some(at);
            }
            from = at;
        }
        if last.is_some() || start == 0 {
            return last;
        }
        tail = tail.saturating_mul(8);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    Yes,
    No,
    /// The text ends before it can be told.
    Unknown,
}

/// Whether an entry begins here: `# Time:` followed by a header line, or `# User@Host:` followed by one.
fn begins(text: &[u8]) -> Begins {
    let is_time = text.starts_with(b"# Time: ");
    if !is_time && !text.starts_with(b"# User@Host: ") {
        let short = text.len() < b"# User@Host: ".len();
        let may_become =
            short && (b"# User@Host: ".starts_with(text) || b"# Time: ".starts_with(text));
        return if may_become {
            Begins::Unknown
        } else {
            Begins::No
        };
    }
    let Some(end) = line_end(text) else {
        return Begins::Unknown;
    };
    let Some(rest) = text.get(end + 1..) else {
        return Begins::Unknown;
    };
    let follows: &[&[u8]] = if is_time {
        &[b"# User@Host: "]
    } else {
        &[b"# Query_time: ", b"# Thread_id: ", b"# Schema: "]
    };
    if follows.iter().any(|line| rest.starts_with(line)) {
        Begins::Yes
    } else if follows.iter().any(|line| line.starts_with(rest)) {
        Begins::Unknown
    } else {
        Begins::No
    }
}

/// Where the lines that begin with `#` end.
fn body_start(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        match rest.first() {
            Some(b'#') if !rest.starts_with(b"# administrator command") => {
                at += line_end(rest)? + 1;
            }
            Some(_) => return Some(at),
            None => return None,
        }
    }
}

/// Reads the entry that is the whole of `text`. `state` is what entries before it told.
pub(crate) fn parse<'a>(text: &'a [u8], state: &mut State) -> Parsed<'a> {
    let mut header = Header::default();
    let mut rest = text;
    while let Some((line, after)) = split_line(rest) {
        if !line.starts_with(b"#") || line.starts_with(b"# administrator command") {
            break;
        }
        if !header_line(line, &mut header) {
            return Parsed::Broken;
        }
        rest = after;
    }
    if !header.has_query_time {
        return if header.is_time_only(text) {
            Parsed::Preamble
        } else {
            Parsed::Broken
        };
    }
    let Some((database, set_s, sql)) = body(rest) else {
        return Parsed::Broken;
    };
    if let Some(database) = database {
        state.used(database);
    }
    let sql = without_banner(sql);
    if sql.is_empty() {
        return Parsed::Broken;
    }
    let ended_us = state.ended_us(&header, set_s);
    let mut entry = header.entry;
    entry.rate = entry.rate.max(1);
    entry.sql = sql;
    entry.ended_us = ended_us;
    entry.database = entry.database.or(database);
    Parsed::Entry(entry)
}

/// A body: `use`'s database, `SET timestamp`'s seconds since 1970, and the statement.
type Body<'a> = (Option<&'a [u8]>, Option<i64>, &'a [u8]);

/// Reads `use db;`, `SET ...timestamp=...;` and the statement.
fn body(text: &[u8]) -> Option<Body<'_>> {
    let (mut rest, mut database, mut set_s) = (text, None, None);
    if let Some(after) = rest.strip_prefix(b"use ") {
        let (line, after) = split_line(after)?;
        let name = line.strip_suffix(b";").unwrap_or(line);
        // A statement of its own where nothing follows it.
        if !after.is_empty() {
            database = Some(unquoted(name));
            rest = after;
        }
    }
    if rest.starts_with(b"SET ") {
        let (line, after) = split_line(rest)?;
        if let Some(seconds) = time::set_timestamp(line) {
            set_s = Some(seconds);
            rest = after;
        }
    }
    Some((database, set_s, rest))
}

fn unquoted(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"`")
        .and_then(|name| name.strip_suffix(b"`"))
        .unwrap_or(name)
}

/// The statement without the lines a restarted server writes after it, and without its `;`.
fn without_banner(sql: &[u8]) -> &[u8] {
    const END: [&[u8]; 2] = [b"Command    Argument", b"Command\tArgument"];
    let mut sql = sql.trim_ascii();
    while END.iter().any(|end| sql.ends_with(end)) {
        // Three lines: version, port, column names.
        let Some(start) = memchr::memmem::rfind(sql, b", Version: ") else {
            break;
        };
        let line = memchr::memrchr(b'\n', sql.get(..start).unwrap_or_default());
        sql = sql
            .get(..line.unwrap_or(0))
            .unwrap_or_default()
            .trim_ascii_end();
    }
    sql.strip_suffix(b";").unwrap_or(sql).trim_ascii_end()
}

/// Whether a statement's text came to its end.
pub(crate) fn is_whole(text: &[u8]) -> bool {
    text.trim_ascii_end().ends_with(b";")
}
