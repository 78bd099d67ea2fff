//! What the performance schema tells of statements, for instances without a slow log.
//!
//! Sources: MySQL Reference Manual, "Statement Summary Tables", "Statement Histogram Summary Tables",
//! "The `events_statements_history_long` Table"; MariaDB Knowledge Base, the pages of the same names.

use storex_sources::{Needs, Probe, Statement};

use super::{IN_PERFORMANCE_SCHEMA, probe};

const HISTORY: Needs = Needs {
    remedy: "set performance_schema=ON, then enable the consumers events_statements_current and \
             events_statements_history_long",
    ..IN_PERFORMANCE_SCHEMA
};

/// What each digest has done since it was first seen, without its text: the first sample. The server
/// builds every row of this table anew at each read.
pub static DIGESTS: Probe = probe(
    "ledger_digests",
    &[
        Statement::mysql(8, 0, 28, include_str!("ledger_digests.cpu.sql")),
        Statement::mysql(5, 7, 0, include_str!("ledger_digests.sql")),
        Statement::mariadb(10, 6, 0, include_str!("ledger_digests.sql")),
    ],
    10_000,
    IN_PERFORMANCE_SCHEMA,
);

/// The same, with its text, of those that ran in the last minute: the second sample.
pub static RECENT: Probe = probe(
    "ledger_recent",
    &[
        Statement::mysql(8, 0, 28, include_str!("ledger_recent.cpu.sql")),
        Statement::mysql(5, 7, 0, include_str!("ledger_recent.sql")),
        Statement::mariadb(10, 6, 0, include_str!("ledger_recent.sql")),
    ],
    3_000,
    IN_PERFORMANCE_SCHEMA,
);

/// Digests whose times [`TIMES`] tells at once.
pub const TIMES_OF: usize = 10;

/// How the times of ten digests are distributed, in 450 buckets each.
pub static TIMES: Probe = probe(
    "ledger_times",
    &[Statement::mysql(8, 0, 0, include_str!("ledger_times.sql"))],
    4_500,
    Needs {
        remedy: "only MySQL 8.0 and later keep how times are distributed; a slow log tells it too",
        ..IN_PERFORMANCE_SCHEMA
    },
);

/// Statements that ended in the last minute, of all sessions, those that took longest first.
pub static HISTORY_LONG: Probe = probe(
    "ledger_history_long",
    &[
        Statement::mysql(5, 7, 0, include_str!("ledger_history_long.sql")),
        Statement::mariadb(10, 6, 0, include_str!("ledger_history_long.sql")),
    ],
    500,
    HISTORY,
);

/// The same of the last ten of each session that is connected.
pub static HISTORY_OF_SESSIONS: Probe = probe(
    "ledger_history",
    &[
        Statement::mysql(5, 7, 0, include_str!("ledger_history.sql")),
        Statement::mariadb(10, 6, 0, include_str!("ledger_history.sql")),
    ],
    500,
    HISTORY,
);

/// All of them, for the specification of a tool that reads a ledger.
pub static ALL: [&Probe; 5] = [
    &DIGESTS,
    &RECENT,
    &TIMES,
    &HISTORY_LONG,
    &HISTORY_OF_SESSIONS,
];
