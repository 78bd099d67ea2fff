//! What pressure is read from: counters twice, settings and the error log's redo warnings once.
//!
//! Sources: MySQL Reference Manual, "The `INFORMATION_SCHEMA` `INNODB_METRICS` Table", "Statement
//! Summary Tables", "File I/O Summary Tables", "Performance Schema `variables_info` Table", "The
//! `error_log` Table"; MariaDB Knowledge Base, "User Statistics", "Information Schema
//! `SYSTEM_VARIABLES` Table".

use storex_sources::{Needs, Probe, Statement};

use super::{IN_PERFORMANCE_SCHEMA, WITH_PROCESS, probe};

macro_rules! both {
    ($file:literal) => {
        &[
            Statement::mysql(8, 0, 0, include_str!($file)),
            Statement::mariadb(10, 6, 0, include_str!($file)),
        ]
    };
    ($mysql:literal, $mariadb:literal) => {
        &[
            Statement::mysql(8, 0, 0, include_str!($mysql)),
            Statement::mariadb(10, 6, 0, include_str!($mariadb)),
        ]
    };
}

/// Counters and gauges of every family.
pub static PRESSURE_STATUS: Probe = probe(
    "pressure_status",
    both!("pressure_status.sql"),
    1_000,
    Needs::NOTHING,
);

/// Settings of every family.
pub static PRESSURE_VARIABLES: Probe = probe(
    "pressure_variables",
    both!("pressure_variables.sql"),
    1_000,
    Needs::NOTHING,
);

/// Those of InnoDB's own counters that are enabled.
pub static PRESSURE_METRICS: Probe = probe(
    "pressure_metrics",
    both!("pressure_metrics.mysql.sql", "pressure_metrics.mariadb.sql"),
    100,
    WITH_PROCESS,
);

/// File I/O by kind of file.
pub static FILE_SUMMARY: Probe = probe(
    "file_summary",
    both!("file_summary.sql"),
    200,
    IN_PERFORMANCE_SCHEMA,
);

/// What each statement digest has done so far, those seen last first. The server builds every row of
/// this table anew at each read, so it is read as seldom as can be.
pub static DIGEST_COUNTERS: Probe = probe(
    "digest_counters",
    both!("digest_counters.sql"),
    3_000,
    IN_PERFORMANCE_SCHEMA,
);

/// The same, with its text, of those that ran in the last seconds: the second sample needs no others.
pub static DIGEST_RECENT: Probe = probe(
    "digest_recent",
    both!("digest_recent.sql"),
    1_000,
    IN_PERFORMANCE_SCHEMA,
);

/// What each session runs, with what it has done so far, or ran last.
pub static STATEMENTS_CURRENT: Probe = probe(
    "statements_current",
    both!(
        "statements_current.mysql.sql",
        "statements_current.mariadb.sql"
    ),
    1_000,
    IN_PERFORMANCE_SCHEMA,
);

/// Running statements by the process list, where the performance schema does not tell them.
pub static RUNNING_PROCESSES: Probe = probe(
    "running_processes",
    both!(
        "running_processes.mysql.sql",
        "running_processes.mariadb.sql"
    ),
    500,
    WITH_PROCESS,
);

/// What the ended statements of each user have done so far.
pub static STATEMENTS_BY_USER: Probe = probe(
    "statements_by_user",
    both!("statements_by_user.sql"),
    300,
    IN_PERFORMANCE_SCHEMA,
);

/// The same by MariaDB's user statistics; empty unless `userstat` is on.
pub static USER_STATISTICS: Probe = probe(
    "user_statistics",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("user_statistics.mariadb.sql"),
    )],
    300,
    WITH_PROCESS,
);

/// Settings that were changed since the server started or that a persisted file decides.
pub static SETTING_ORIGINS_MYSQL: Probe = probe(
    "setting_origins_mysql",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("setting_origins.mysql.sql"),
    )],
    50,
    IN_PERFORMANCE_SCHEMA,
);

/// The same on MariaDB, which keeps neither time nor user.
pub static SETTING_ORIGINS_MARIADB: Probe = probe(
    "setting_origins_mariadb",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("setting_origins.mariadb.sql"),
    )],
    50,
    Needs::NOTHING,
);

/// Warnings of the last ten minutes that the redo log is full.
pub static REDO_WARNINGS: Probe = probe(
    "redo_warnings",
    &[Statement::mysql(
        8,
        0,
        22,
        include_str!("redo_warnings.mysql.sql"),
    )],
    10,
    IN_PERFORMANCE_SCHEMA,
);

/// Waits for mutexes and read-write locks, where their instruments are enabled.
pub static SYNCH_WAITS: Probe = probe(
    "synch_waits",
    both!("synch_waits.sql"),
    40,
    IN_PERFORMANCE_SCHEMA,
);

/// How often each session went to a data file itself: to read a page that it waits for.
pub static THREAD_FILE_READS: Probe = probe(
    "thread_file_reads",
    both!("thread_file_reads.sql"),
    2_000,
    IN_PERFORMANCE_SCHEMA,
);
