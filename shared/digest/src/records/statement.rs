//! A slow statement, written as `MySQL` writes it.

use std::io::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::NotARecord;

/// What a record tells of a statement.
pub(crate) struct Statement<'a> {
    pub(crate) ended: Timestamp,
    pub(crate) query_time: SignedDuration,
    pub(crate) lock_time: SignedDuration,
    pub(crate) rows_sent: u64,
    pub(crate) rows_examined: u64,
    pub(crate) connection: Option<u64>,
    /// `user[user] @ host [address]`.
    pub(crate) client: &'a str,
    /// Empty where none is known.
    pub(crate) database: &'a str,
    pub(crate) sql: &'a str,
}

impl Statement<'_> {
    /// Adds the entry to `text`.
    ///
    /// A line of the statement that begins like one of a header is moved in by a space, and a name stays
    /// on its line: what a client wrote cannot pass for another entry.
    ///
    /// # Errors
    /// When there is no statement; nothing is added.
    pub(crate) fn write(&self, text: &mut Vec<u8>) -> Result<(), NotARecord> {
        let sql = self.sql.trim();
        let sql = sql.strip_suffix(';').unwrap_or(sql).trim_end();
        let began = self
            .ended
            .checked_sub(self.query_time)
            .map_err(|_| NotARecord)?;
        if sql.is_empty() {
            return Err(NotARecord);
        }
        let before = text.len();
        let written = self.header(text, began.as_second());
        if written.is_err() {
            text.truncate(before);
            return Err(NotARecord);
        }
        for (at, line) in sql.lines().enumerate() {
            if at > 0 {
                text.push(b'\n');
            }
            if line.starts_with('#') && !line.starts_with("# administrator command") {
                text.push(b' ');
            }
            text.extend_from_slice(line.as_bytes());
        }
        text.extend_from_slice(b";\n");
        Ok(())
    }

    fn header(&self, text: &mut Vec<u8>, began_s: i64) -> std::io::Result<()> {
        let ended = self.ended;
        write!(
            text,
            "# Time: {ended:.6}\n# User@Host: {}",
            on_one_line(self.client)
        )?;
        if let Some(connection) = self.connection {
            write!(text, "  Id: {connection}")?;
        }
        let database = on_one_line(self.database);
        let is_word = !database.is_empty() && !database.contains(' ');
        if is_word {
            // As Percona Server writes it. A `use` would hold for entries after it that name none.
            write!(text, "\n# Schema: {database}")?;
        }
        let (query, lock) = (self.query_time, self.lock_time);
        write!(
            text,
            "\n# Query_time: {}.{:06}  Lock_time: {}.{:06} Rows_sent: {}  Rows_examined: {}\n",
            query.as_secs(),
            query.subsec_micros(),
            lock.as_secs(),
            lock.subsec_micros(),
            self.rows_sent,
            self.rows_examined
        )?;
        if !is_word && !database.is_empty() {
            writeln!(text, "use `{database}`;")?;
        }
        writeln!(text, "SET timestamp={began_s};")
    }
}

fn on_one_line(name: &str) -> String {
    let plain = |c: char| if c.is_control() { '?' } else { c };
    name.chars().map(plain).collect()
}
