//! What tells that a limit is hit: who holds connections, which statements hang, errors the server
//! gave, room for temporary tables, queues of a thread pool.
//!
//! None of these takes the binary log's lock: with its disk full, `SHOW BINARY LOGS` and `SHOW BINARY
//! LOG STATUS` hang behind the commit that waits for room.
//!
//! Sources: MySQL Reference Manual, "The `error_log` Table", "Error Summary Tables", "The
//! `INFORMATION_SCHEMA` `INNODB_SESSION_TEMP_TABLESPACES` Table", "Internal Temporary Table Use in
//! MySQL"; MariaDB Knowledge Base, "Information Schema `THREAD_POOL_GROUPS` Table".

use storex_sources::{Needs, Probe, Statement};

use super::{IN_PERFORMANCE_SCHEMA, WITH_PROCESS, probe};

/// Connections by user, host and program, with how long they have been idle.
pub static CONNECTIONS_HELD: Probe = probe(
    "connections_held",
    &[
        Statement::mysql(8, 0, 0, include_str!("connections_held.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("connections_held.mariadb.sql")),
    ],
    100,
    IN_PERFORMANCE_SCHEMA,
);

/// The same by the process list, which knows no programs.
pub static CONNECTIONS_HELD_PROCESSLIST: Probe = probe(
    "connections_held_processlist",
    &[
        Statement::mysql(8, 0, 0, include_str!("connections_held_processlist.sql")),
        Statement::mariadb(10, 6, 0, include_str!("connections_held_processlist.sql")),
    ],
    100,
    WITH_PROCESS,
);

/// Statements that have run for two seconds or more, and what they wait for.
pub static LONG_STATEMENTS: Probe = probe(
    "long_statements",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("long_statements.mysql.sql"),
    )],
    200,
    IN_PERFORMANCE_SCHEMA,
);

/// The same by the process list: for MariaDB, whose performance schema does not tell every state, and
/// for MySQL without one.
pub static LONG_STATEMENTS_PROCESSLIST: Probe = probe(
    "long_statements_processlist",
    &[
        Statement::mysql(8, 0, 0, include_str!("long_statements_processlist.sql")),
        Statement::mariadb(10, 6, 0, include_str!("long_statements_processlist.sql")),
    ],
    200,
    WITH_PROCESS,
);

/// How often the server gave errors that tell of a limit.
pub static LIMIT_ERRORS: Probe = probe(
    "limit_errors",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("limit_errors.mysql.sql"),
    )],
    20,
    IN_PERFORMANCE_SCHEMA,
);

/// What the error log of the last half hour says about disks and room.
pub static DISK_FAULTS: Probe = probe(
    "disk_faults",
    &[Statement::mysql(
        8,
        0,
        22,
        include_str!("disk_faults.mysql.sql"),
    )],
    20,
    Needs {
        remedy: "look into the server's error log for `Disk is full` and `No space left on device`",
        ..IN_PERFORMANCE_SCHEMA
    },
);

/// Statements that ended in an error of writing, from each session's last ten.
pub static FAILED_WRITES: Probe = probe(
    "failed_writes",
    &[
        Statement::mysql(8, 0, 0, include_str!("failed_writes.sql")),
        Statement::mariadb(10, 6, 0, include_str!("failed_writes.sql")),
    ],
    20,
    IN_PERFORMANCE_SCHEMA,
);

/// Temporary tables of sessions on disk, largest first.
pub static SESSION_TEMP_SPACES: Probe = probe(
    "session_temp_spaces",
    &[Statement::mysql(
        8,
        0,
        13,
        include_str!("session_temp_spaces.mysql.sql"),
    )],
    20,
    WITH_PROCESS,
);

/// Memory and memory-mapped files of temporary tables.
pub static TEMPTABLE_MEMORY: Probe = probe(
    "temptable_memory",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("temptable_memory.mysql.sql"),
    )],
    2,
    IN_PERFORMANCE_SCHEMA,
);

/// Queues of MariaDB's thread pool; empty without one.
pub static THREAD_POOL_GROUPS: Probe = probe(
    "thread_pool_groups",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("thread_pool_groups.mariadb.sql"),
    )],
    200,
    Needs::NOTHING,
);

/// The same of MySQL's, read only where it is loaded.
pub static TP_THREAD_GROUP_STATE: Probe = probe(
    "tp_thread_group_state",
    &[Statement::mysql(
        8,
        0,
        14,
        include_str!("tp_thread_group_state.mysql.sql"),
    )],
    200,
    IN_PERFORMANCE_SCHEMA,
);
