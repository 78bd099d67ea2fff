//! Reads about deadlocks.
//!
//! Sources: MySQL Reference Manual, "The `INFORMATION_SCHEMA` `INNODB_METRICS` Table", "The
//! `error_log` Table", "Error Summary Tables"; MariaDB Knowledge Base, "InnoDB Status Variables".

use storex_sources::{Needs, Probe, Statement};

use super::{IN_PERFORMANCE_SCHEMA, WITH_PROCESS, probe};

/// Deadlocks counted, and since when.
pub static DEADLOCK_COUNTER: Probe = probe(
    "deadlock_counter",
    &[
        Statement::mysql(8, 0, 0, include_str!("deadlock_counter.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("deadlock_counter.mariadb.sql")),
    ],
    1,
    WITH_PROCESS,
);

/// Settings that decide what is detected and where it is printed.
pub static DEADLOCK_SETTINGS: Probe = probe(
    "deadlock_settings",
    &[
        Statement::mysql(8, 0, 0, include_str!("deadlock_settings.sql")),
        Statement::mariadb(10, 6, 0, include_str!("deadlock_settings.sql")),
    ],
    20,
    Needs::NOTHING,
);

/// Error 1213 by user: who is rolled back.
pub static DEADLOCK_ERRORS_BY_USER: Probe = probe(
    "deadlock_errors_by_user",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("deadlock_errors_by_user.mysql.sql"),
    )],
    100,
    IN_PERFORMANCE_SCHEMA,
);

/// The latest entries about deadlocks in the error log of the last hour.
pub static DEADLOCK_LOG: Probe = probe(
    "deadlock_log",
    &[Statement::mysql(
        8,
        0,
        22,
        include_str!("deadlock_log.mysql.sql"),
    )],
    1_000,
    Needs {
        remedy: "upgrade to MySQL 8.0.22 at least, which shows its error log as a table",
        ..IN_PERFORMANCE_SCHEMA
    },
);

/// What program each connection says it is.
pub static CONNECTION_PROGRAMS: Probe = probe(
    "connection_programs",
    &[
        Statement::mysql(8, 0, 0, include_str!("connection_programs.sql")),
        Statement::mariadb(10, 6, 0, include_str!("connection_programs.sql")),
    ],
    2_000,
    IN_PERFORMANCE_SCHEMA,
);
