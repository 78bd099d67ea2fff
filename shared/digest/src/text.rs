//! The text of a slow log: where entries begin, and what one says. Pure.
//!
//! An entry is a header of lines that begin with `#`, then `use`, then `SET timestamp`, then the
//! statement up to the next header. A statement may hold lines that look like a header: only a line of
//! one that is followed by the rest of a header begins an entry.

mod boundaries;
mod header;
mod lines;
mod time;

use crate::entry::Entry;
pub(crate) use boundaries::Boundaries;
use header::Header;
pub(crate) use header::State;
use lines::split_line;

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

/// Reads the entry at the start of `text`, which another follows, and tells how long it is; none where
/// the text ends before the other begins. `state` is what entries before it told.
pub(crate) fn parse_next<'a>(
    text: &'a [u8],
    boundaries: &Boundaries,
    state: &mut State,
) -> Option<(Parsed<'a>, usize)> {
    let (header, body) = Header::read(text);
    let end = boundaries.after(text, body)?;
    Some((entry(text.get(..end)?, header, body, state), end))
}

/// Reads the entry that is the whole of `text`.
pub(crate) fn parse<'a>(text: &'a [u8], state: &mut State) -> Parsed<'a> {
    let (header, body) = Header::read(text);
    entry(text, header, body, state)
}

/// The entry with that header, whose body begins there.
fn entry<'a>(
    text: &'a [u8],
    header: Option<Header<'a>>,
    at: usize,
    state: &mut State,
) -> Parsed<'a> {
    let Some(header) = header else {
        return Parsed::Broken;
    };
    if !header.has_query_time {
        return if header.is_time_only(text) {
            Parsed::Preamble
        } else {
            Parsed::Broken
        };
    }
    let Some((database, set_s, sql)) = body(text.get(at..).unwrap_or_default()) else {
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
