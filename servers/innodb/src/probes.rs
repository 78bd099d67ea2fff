//! Every read of this server, with a statement per flavour and version floor.
//!
//! Sources: MySQL Reference Manual, "The Performance Schema Lock Tables", "The `metadata_locks`
//! Table", "The `INFORMATION_SCHEMA` `INNODB_TRX` Table"; MariaDB Knowledge Base, "Information Schema
//! InnoDB Tables", "Metadata Lock Info Plugin". Ages in `innodb_trx` are taken against the server's
//! own zone, because InnoDB prints its times in that zone whatever the session's.

pub mod config;
pub mod deadlocks;
pub mod limits;
pub mod pressure;
pub mod replication;
pub mod schema;

use std::time::Duration;

use storex_sources::{Needs, Probe, Statement};

const PROCESS: &str = "PROCESS ON *.*";
const READ_PERFORMANCE_SCHEMA: &str = "SELECT ON performance_schema.*";
const TURN_ON: &str = "set performance_schema=ON in the server's configuration and restart it";

const IN_PERFORMANCE_SCHEMA: Needs = Needs {
    grants: &[PROCESS, READ_PERFORMANCE_SCHEMA],
    performance_schema: true,
    remedy: TURN_ON,
};
const WITH_PROCESS: Needs = Needs {
    grants: &[PROCESS],
    performance_schema: false,
    remedy: "upgrade to MySQL 8.0 or MariaDB 10.6 at least",
};

const fn probe(
    name: &'static str,
    statements: &'static [Statement],
    row_limit: u32,
    needs: Needs,
) -> Probe {
    Probe {
        name,
        statements,
        row_limit,
        timeout: Duration::from_secs(3),
        needs,
    }
}

/// Open transactions, oldest first.
pub static INNODB_TRX: Probe = probe(
    "innodb_trx",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/innodb_trx.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/innodb_trx.sql")),
    ],
    1_000,
    WITH_PROCESS,
);

/// Sessions that run, hold a transaction or hold a metadata lock.
pub static SESSIONS: Probe = probe(
    "sessions",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("probes/sessions.mysql.sql"),
    )],
    1_000,
    IN_PERFORMANCE_SCHEMA,
);

/// All sessions: for MariaDB, and for MySQL without the performance schema.
pub static PROCESSLIST: Probe = probe(
    "processlist",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/processlist.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/processlist.sql")),
    ],
    5_000,
    WITH_PROCESS,
);

/// What program each connection says it is.
pub static PROGRAMS: Probe = probe(
    "programs",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("probes/programs.sql"),
    )],
    5_000,
    IN_PERFORMANCE_SCHEMA,
);

/// What idle sessions that hold something ran last: ten statements each at most.
pub static LAST_STATEMENTS: Probe = probe(
    "last_statements",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/last_statements.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/last_statements.sql")),
    ],
    5_000,
    IN_PERFORMANCE_SCHEMA,
);

/// Pairs of waiting and blocking row locks on MySQL, those whose blocker waits for nobody first:
/// a queue of n waiters has n²/2 pairs, and only the first n matter.
pub static DATA_LOCK_WAITS: Probe = probe(
    "data_lock_waits",
    &[Statement::mysql(
        8,
        0,
        1,
        include_str!("probes/data_lock_waits.mysql.sql"),
    )],
    2_000,
    IN_PERFORMANCE_SCHEMA,
);

/// The same on MariaDB.
pub static INNODB_LOCK_WAITS: Probe = probe(
    "innodb_lock_waits",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("probes/innodb_lock_waits.mariadb.sql"),
    )],
    2_000,
    WITH_PROCESS,
);

/// All metadata locks on objects somebody waits for.
pub static METADATA_LOCKS: Probe = probe(
    "metadata_locks",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/metadata_locks.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/metadata_locks.sql")),
    ],
    2_000,
    IN_PERFORMANCE_SCHEMA,
);

/// Granted metadata locks by MariaDB's plugin.
pub static METADATA_LOCK_INFO: Probe = probe(
    "metadata_lock_info",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("probes/metadata_lock_info.mariadb.sql"),
    )],
    5_000,
    Needs {
        grants: &[PROCESS],
        performance_schema: false,
        remedy: "run INSTALL SONAME 'metadata_lock_info' once, or set performance_schema=ON with the \
                 instrument wait/lock/metadata/sql/mdl",
    },
);

/// The InnoDB monitor.
pub static ENGINE_INNODB_STATUS: Probe = probe(
    "engine_innodb_status",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/engine_innodb_status.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/engine_innodb_status.sql")),
    ],
    1,
    WITH_PROCESS,
);

/// Counters and gauges of the server.
pub static GLOBAL_STATUS: Probe = probe(
    "global_status",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/global_status.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/global_status.sql")),
    ],
    1_000,
    Needs::NOTHING,
);

/// Settings of the server.
pub static GLOBAL_VARIABLES: Probe = probe(
    "global_variables",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/global_variables.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/global_variables.sql")),
    ],
    1_000,
    Needs::NOTHING,
);

/// InnoDB's own counters that have no status variable on MySQL.
pub static INNODB_METRICS: Probe = probe(
    "innodb_metrics",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("probes/innodb_metrics.mysql.sql"),
    )],
    100,
    WITH_PROCESS,
);
