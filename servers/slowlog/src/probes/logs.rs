//! Reads about the logs themselves.
//!
//! Sources: MySQL Reference Manual, "The Slow Query Log", "The Error Log", "The `error_log` Table";
//! MariaDB Knowledge Base, "Slow Query Log Overview", "Error Log".

use storex_sources::{Needs, Probe, Statement};

use super::{IN_PERFORMANCE_SCHEMA, probe};

/// Settings that say what is logged, and where to.
pub static LOG_SETTINGS: Probe = probe(
    "log_settings",
    &[
        Statement::mysql(8, 0, 0, include_str!("log_settings.sql")),
        Statement::mariadb(10, 6, 0, include_str!("log_settings.sql")),
    ],
    50,
    Needs::NOTHING,
);

/// Since when the server runs, and how many statements were slow since then.
pub static LOG_STATUS: Probe = probe(
    "log_status",
    &[
        Statement::mysql(8, 0, 0, include_str!("log_status.sql")),
        Statement::mariadb(10, 6, 0, include_str!("log_status.sql")),
    ],
    10,
    Needs::NOTHING,
);

/// How far the clock of the server's host is from UTC.
pub static LOG_ZONE: Probe = probe(
    "log_zone",
    &[
        Statement::mysql(8, 0, 0, include_str!("log_zone.sql")),
        Statement::mariadb(10, 6, 0, include_str!("log_zone.sql")),
    ],
    1,
    Needs::NOTHING,
);

/// The latest entries of the error log, as the server keeps them itself: newest first.
pub static ERROR_LOG: Probe = probe(
    "error_log_entries",
    &[Statement::mysql(
        8,
        0,
        22,
        include_str!("error_log_entries.mysql.sql"),
    )],
    ERROR_LOG_ROWS,
    Needs {
        remedy: "name its file as `error` under [instance.logs] of the inventory; MySQL 8.0.22 and later show it \
                 as a table with performance_schema=ON",
        ..IN_PERFORMANCE_SCHEMA
    },
);

/// Rows of the error log that are read at most.
pub const ERROR_LOG_ROWS: u32 = 2_000;
