//! Slow logs written by tests, and their digests.

use std::fmt::Write as _;

use storex_digest::{Digest, Options, Reader};
use storex_sources::Window;

/// A statement to be logged.
pub(crate) struct Logged<'a> {
    pub(crate) sql: &'a str,
    pub(crate) connection: u32,
    pub(crate) time_s: f64,
    pub(crate) lock_s: f64,
    pub(crate) rows: u64,
    pub(crate) examined: u64,
    pub(crate) bytes: u64,
    pub(crate) errno: u32,
    pub(crate) disk_tables: u64,
}

impl<'a> Logged<'a> {
    /// A quick one that reads what it returns.
    pub(crate) fn quick(sql: &'a str) -> Self {
        Self {
            sql,
            connection: 7,
            time_s: 0.001,
            lock_s: 0.0,
            rows: 1,
            examined: 1,
            bytes: 100,
            errno: 0,
            disk_tables: 0,
        }
    }
}

/// The digest of a log of these, so many times each, one round after the other.
pub(crate) fn digest(rounds: usize, statements: &[Logged<'_>]) -> Digest {
    let mut log = String::new();
    for round in 0..rounds {
        for one in statements {
            let _ = write!(
                log,
                "# Time: 2026-11-23T07:00:{:02}.{:06}Z\n\
                 # User@Host: shop[shop] @ web-1 [10.0.0.7]  Id: {}\n\
                 # Query_time: {:.6}  Lock_time: {:.6} Rows_sent: {}  Rows_examined: {} Thread_id: {} Errno: {} \
                 Killed: 0 Bytes_received: 9 Bytes_sent: {} Created_tmp_disk_tables: {} Created_tmp_tables: {}\n\
                 SET timestamp=1795418145;\n{};\n",
                round % 60,
                round,
                one.connection,
                one.time_s,
                one.lock_s,
                one.rows,
                one.examined,
                one.connection,
                one.errno,
                one.bytes,
                one.disk_tables,
                one.disk_tables,
                one.sql,
            );
        }
    }
    let mut digest = Digest::new(Options::default());
    let mut reader = Reader::default();
    reader.feed(log.as_bytes(), &mut digest);
    reader.finish(&mut digest);
    digest
}

/// The minute in which they are logged.
pub(crate) fn window() -> Window {
    Window {
        from: "2026-11-23T07:00:00Z".parse().unwrap(),
        to: "2026-11-23T07:01:00Z".parse().unwrap(),
    }
}
