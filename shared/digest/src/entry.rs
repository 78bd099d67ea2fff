//! One statement as a slow log tells it, and what could not be read of a log.

/// One statement as a slow log tells it. Times are in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When it ended, in microseconds since 1970 UTC; none where the log tells no time with a zone.
    pub ended_us: Option<i64>,
    /// `user[user] @ host [address]`, as the log writes it.
    pub client: &'a [u8],
    /// Connection id.
    pub connection: Option<u64>,
    /// Default database, where this entry or one before it names it.
    pub database: Option<&'a [u8]>,
    /// From start to end.
    pub query_us: u64,
    /// Waiting for locks.
    pub lock_us: u64,
    /// Rows given to the client.
    pub rows_sent: u64,
    /// Rows read by the server layer.
    pub rows_examined: u64,
    /// Rows changed.
    pub rows_affected: u64,
    /// Bytes given to the client.
    pub bytes_sent: u64,
    /// Temporary tables made.
    pub tmp_tables: u64,
    /// Those that went to disk.
    pub tmp_disk_tables: u64,
    /// Merge passes of its sorts.
    pub sort_merge_passes: u64,
    /// A table or a join was read whole.
    pub is_full_scan: bool,
    /// It ended in an error.
    pub is_failed: bool,
    /// It was killed.
    pub is_killed: bool,
    /// Of so many statements this one was logged (Percona Server, `log_slow_rate_limit`); at least 1.
    pub rate: u64,
    /// The server's own digest, where it is logged.
    pub server_digest: Option<&'a [u8]>,
    /// The statement.
    pub sql: &'a [u8],
    /// Where the entry begins, in bytes from the start of what was read.
    pub offset: u64,
}

/// What was in a log and is not in the digest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    /// Entries whose header is not whole or makes no sense: cut, mingled with another, or garbage.
    pub broken_entries: u64,
    /// Their bytes, and those of text that belongs to no entry.
    pub broken_bytes: u64,
    /// Bytes before the first entry: the end of one that began earlier.
    pub head_bytes: u64,
    /// The last entry where the text ends before its statement does.
    pub cut_entries: u64,
    /// Statements of which only the first [`Reader::LONGEST`](crate::Reader::LONGEST) bytes were read.
    pub long_statements: u64,
    /// Entries outside the window asked for.
    pub outside_window: u64,
    /// Entries without a time of which it can be told whether they are in the window.
    pub without_time: u64,
}

impl Unread {
    /// Adds what another part of the log left out.
    pub fn merge(&mut self, other: &Self) {
        self.broken_entries += other.broken_entries;
        self.broken_bytes += other.broken_bytes;
        self.head_bytes += other.head_bytes;
        self.cut_entries += other.cut_entries;
        self.long_statements += other.long_statements;
        self.outside_window += other.outside_window;
        self.without_time += other.without_time;
    }
}
