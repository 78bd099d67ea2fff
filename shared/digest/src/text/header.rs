//! The lines of an entry that begin with `#`. Pure.

use memchr::memchr;

use super::lines::{micros, split_line, whole};
use super::time::{self, Stamp};
use crate::entry::Entry;

/// A statement that ran longer than ten years did not: some versions log a negative time as a huge one.
const LONGEST_US: u64 = 10 * 366 * 86_400 * 1_000_000;

/// What a header says.
#[derive(Debug, Default)]
pub(crate) struct Header<'a> {
    pub(crate) entry: Entry<'a>,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) has_query_time: bool,
    /// It is dated by the start of its statement.
    by_start: bool,
    has_client: bool,
}

impl<'a> Header<'a> {
    /// Reads the lines at the start of `text` that begin with `#`, and tells where they end: where the
    /// body begins, or the text ends. None where a line contradicts one before it.
    pub(crate) fn read(text: &'a [u8]) -> (Option<Self>, usize) {
        let mut header = Self::default();
        let (mut rest, mut is_whole) = (text, true);
        while rest.first() == Some(&b'#') && !rest.starts_with(b"# administrator command") {
            let Some((line, after)) = split_line(rest) else {
                break;
            };
            is_whole = is_whole && header_line(line, &mut header);
            rest = after;
        }
        (is_whole.then_some(header), text.len() - rest.len())
    }

    /// Older servers write `# Time:` and nothing else before they write their opening lines again.
    pub(crate) fn is_time_only(&self, text: &[u8]) -> bool {
        self.stamp.is_some() && !self.has_client && text.len() < 512
    }
}

/// What entries tell those after them.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The default database of entries that name none.
    database: Vec<u8>,
    knows_database: bool,
    /// How far the log's local time is ahead of UTC, in seconds.
    ahead_s: Option<i64>,
    last_us: Option<i64>,
}

impl State {
    pub(super) fn used(&mut self, database: &[u8]) {
        if !self.knows_database || self.database != database {
            self.database.clear();
            self.database.extend_from_slice(database);
            self.knows_database = true;
        }
    }

    /// The database the last `use` named.
    pub(crate) fn database(&self) -> Option<&[u8]> {
        self.knows_database.then_some(self.database.as_slice())
    }

    /// When the entry ended. A stamp with a zone tells it; else `SET timestamp`; else the local stamp,
    /// where another entry told how far the zone is from UTC.
    ///
    /// Without a zone both are the end of the statement, but the start on `MariaDB` (seen on 10.11;
    /// `MySQL` 8.0 Reference Manual, "The Slow Query Log": "prior to `MySQL` 8.0.14, the timestamp
    /// indicates the time at which the slow statement was logged").
    pub(super) fn ended_us(&mut self, header: &Header<'_>, set_s: Option<i64>) -> Option<i64> {
        let took = if header.by_start {
            i64::try_from(header.entry.query_us).unwrap_or(0)
        } else {
            0
        };
        if let (Some(Stamp::Local(local_s)), Some(set_s)) = (header.stamp, set_s) {
            // Zones are whole quarters of an hour from UTC.
            self.ahead_s = Some((local_s - set_s + 450).div_euclid(900) * 900);
        }
        let ended = |utc_s: i64| utc_s.saturating_mul(1_000_000).saturating_add(took);
        let ended = match (header.stamp, set_s) {
            (Some(Stamp::Utc(us)), _) => Some(us),
            (_, Some(set_s)) => Some(ended(set_s)),
            (Some(Stamp::Local(local_s)), None) => self.ahead_s.map(|ahead| ended(local_s - ahead)),
            // Servers that write the time only when its second changes.
            (None, None) => self.last_us,
        };
        self.last_us = ended.or(self.last_us);
        ended
    }
}

/// Reads one line; `false` where it contradicts what was read.
fn header_line<'a>(line: &'a [u8], header: &mut Header<'a>) -> bool {
    let Some(text) = line.strip_prefix(b"# ") else {
        // Frames around MariaDB's plan.
        return true;
    };
    if let Some(client) = text.strip_prefix(b"User@Host: ") {
        if header.has_client {
            return false;
        }
        header.has_client = true;
        client_line(client, header);
        return true;
    }
    if let Some(text) = text.strip_prefix(b"Time: ") {
        header.stamp = time::stamp(text);
        return header.stamp.is_some() && !header.has_client;
    }
    if text.starts_with(b"explain: ") {
        return true;
    }
    pairs(text, header)
}

/// `user[user] @ host [address]  Id: 18`.
fn client_line<'a>(text: &'a [u8], header: &mut Header<'a>) {
    let end = memchr::memrchr(b']', text).map_or(text.len(), |at| at + 1);
    let (client, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    header.entry.client = client;
    let id = rest.trim_ascii().strip_prefix(b"Id:");
    if let Some(id) = id.and_then(|id| whole(id.trim_ascii())) {
        header.entry.connection = Some(id);
    }
}

/// `Key: value  Key: value`.
fn pairs<'a>(text: &'a [u8], header: &mut Header<'a>) -> bool {
    let mut rest = text;
    while let Some(colon) = memchr(b':', rest) {
        let (key, after) = rest.split_at_checked(colon).unwrap_or((rest, &[]));
        let after = after.get(1..).unwrap_or_default();
        // A value is one word; an empty one is followed by two spaces.
        let after = after.strip_prefix(b" ").unwrap_or(after);
        let end = after.iter().position(|byte| *byte == b' ');
        let (value, next) = after
            .split_at_checked(end.unwrap_or(after.len()))
            .unwrap_or((after, &[]));
        if !pair(key.trim_ascii_start(), value, header) {
            return false;
        }
        rest = next;
    }
    true
}

fn pair<'a>(key: &[u8], value: &'a [u8], header: &mut Header<'a>) -> bool {
    let entry = &mut header.entry;
    let count = |to: &mut u64| whole(value).map(|number| *to = number).is_some();
    match key {
        b"Query_time" => {
            let us = micros(value).filter(|us| *us <= LONGEST_US);
            entry.query_us = us.unwrap_or(0);
            let is_first = !header.has_query_time;
            header.has_query_time = true;
            us.is_some() && is_first
        }
        b"Lock_time" => {
            let us = micros(value).filter(|us| *us <= LONGEST_US);
            entry.lock_us = us.unwrap_or(0);
            us.is_some()
        }
        b"Rows_sent" => count(&mut entry.rows_sent),
        b"Rows_examined" => count(&mut entry.rows_examined),
        b"Rows_affected" => count(&mut entry.rows_affected),
        b"Bytes_sent" => count(&mut entry.bytes_sent),
        b"Tmp_tables" | b"Created_tmp_tables" => count(&mut entry.tmp_tables),
        b"Tmp_disk_tables" | b"Created_tmp_disk_tables" => count(&mut entry.tmp_disk_tables),
        b"Merge_passes" | b"Sort_merge_passes" => count(&mut entry.sort_merge_passes),
        b"Log_slow_rate_limit" => count(&mut entry.rate),
        b"Thread_id" => {
            entry.connection = whole(value).or(entry.connection);
            true
        }
        b"Schema" => {
            if !value.is_empty() {
                entry.database = Some(value);
            }
            true
        }
        b"Full_scan" | b"Full_join" => {
            entry.is_full_scan |= value == b"Yes";
            true
        }
        b"Errno" | b"Last_errno" => {
            entry.is_failed = !value.is_empty() && value != b"0";
            true
        }
        b"Killed" => {
            entry.is_killed = !value.is_empty() && value != b"0";
            true
        }
        // MariaDB's alone.
        b"QC_hit" => {
            header.by_start = true;
            true
        }
        b"Query_digest" => {
            entry.server_digest = Some(value);
            true
        }
        _ => true,
    }
}
