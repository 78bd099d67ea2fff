//! What stands before a message, in the dialects of MySQL 5.6 to 9.x and MariaDB, and the records of
//! MySQL's JSON sink.
//!
//! Sources: MySQL Reference Manual, "Error Log Output Format"; MariaDB Knowledge Base, "Error Log".
//! All but 5.6's were seen on real servers.

use jiff::Timestamp;
use serde::Deserialize;
use storex_sources::LogTimes;

use super::{Entry, Level};

/// The entry whose first line this is; `None` for a line that goes on with the one before.
pub(super) fn head(line: &str, times: &LogTimes) -> Option<Entry> {
    if line.starts_with('{') {
        return record(line);
    }
    let at = times.first_entry(line.as_bytes(), true, true)?.time;
    let rest = after_time(line)?;
    // `2026-11-23T20:31:23Z UTC - mysqld got signal 11 ;`
    if let Some(text) = rest.strip_prefix("UTC - ") {
        return Some(Entry::new(at, Level::Error, None, None, text));
    }
    if ["mysqld_safe ", "mariadbd-safe "]
        .iter()
        .any(|script| rest.starts_with(script))
    {
        return Some(Entry::new(at, Level::Other, None, None, rest));
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let rest = rest.get(digits..)?.trim_start();
    let (word, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let level = Level::of(word)?;
    Some(message(at, level, rest.trim_start()))
}

/// `[MY-010914] [Server] text` of MySQL from 8.0 on, `InnoDB: text` of the others.
fn message(at: Timestamp, level: Level, rest: &str) -> Entry {
    if let Some((code, rest)) = rest.strip_prefix("[MY-").and_then(|r| r.split_once(']'))
        && let Ok(code) = code.parse()
    {
        let rest = rest.trim_start();
        let split = rest.strip_prefix('[').and_then(|r| r.split_once(']'));
        let (subsystem, text) = match split {
            Some((subsystem, text)) => (Some(subsystem), text),
            None => (None, rest),
        };
        return Entry::new(at, level, Some(code), subsystem, text.trim_start());
    }
    match rest.strip_prefix("InnoDB:") {
        Some(text) => Entry::new(at, level, None, Some("InnoDB"), text.trim_start()),
        None => Entry::new(at, level, None, None, rest),
    }
}

/// What follows on the time: one word of it where it has a `T`, else two.
fn after_time(line: &str) -> Option<&str> {
    let (first, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    if first.contains('T') {
        return Some(rest);
    }
    rest.split_once(' ').map(|(_, rest)| rest.trim_start())
}

/// A line of `log_sink_json`.
#[derive(Deserialize)]
struct Record {
    time: Timestamp,
    label: Option<String>,
    err_code: Option<u32>,
    subsystem: Option<String>,
    msg: String,
}

fn record(line: &str) -> Option<Entry> {
    let record: Record = serde_json::from_str(line).ok()?;
    let level = record.label.as_deref().and_then(Level::of);
    let mut lines = record.msg.lines();
    let mut entry = Entry::new(
        record.time,
        level.unwrap_or(Level::Other),
        record.err_code,
        record.subsystem.as_deref(),
        lines.next().unwrap_or_default(),
    );
    entry.more_lines = lines.count() as u64;
    Some(entry)
}
