//! What replication shows of itself.
//!
//! Sources: MySQL Reference Manual, "Performance Schema Replication Tables", "SHOW REPLICA STATUS
//! Statement"; MariaDB Knowledge Base, "SHOW REPLICA STATUS"; Aurora User Guide,
//! "`information_schema.replica_host_status`". `SHOW BINARY LOGS` and its kin are not here: they hang
//! on a full disk.

use storex_sources::{Needs, Probe, Statement};

use super::{IN_PERFORMANCE_SCHEMA, PROCESS, WITH_PROCESS, probe};

const MONITOR: &str = "REPLICATION CLIENT ON *.*";

/// Channels in the words of `SHOW REPLICA STATUS`, which every version and flavour has.
pub static REPLICA_STATUS: Probe = probe(
    "replica_status",
    &[
        Statement::mysql(8, 0, 22, include_str!("replica_status.replica.sql")),
        Statement::mysql(8, 0, 0, include_str!("replica_status.slave.sql")),
        Statement::mariadb(10, 6, 0, include_str!("replica_status.mariadb.sql")),
    ],
    256,
    Needs {
        grants: &[MONITOR],
        performance_schema: false,
        remedy: "upgrade to MySQL 8.0 or MariaDB 10.6 at least",
    },
);

/// Channels with what their receiver, coordinator and settings say, and the commit times they carry.
pub static REPLICATION_CHANNELS: Probe = probe(
    "replication_channels",
    &[Statement::mysql(
        8,
        0,
        1,
        include_str!("replication_channels.mysql.sql"),
    )],
    256,
    IN_PERFORMANCE_SCHEMA,
);

/// Applier workers: what each applies and when that was committed on its source.
pub static REPLICATION_WORKERS: Probe = probe(
    "replication_workers",
    &[Statement::mysql(
        8,
        0,
        1,
        include_str!("replication_workers.mysql.sql"),
    )],
    2_000,
    IN_PERFORMANCE_SCHEMA,
);

/// The transactions applied, those written to the own binary log, and the own identity.
pub static REPLICATION_GTIDS: Probe = probe(
    "replication_gtids",
    &[
        Statement::mysql(8, 0, 0, include_str!("replication_gtids.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("replication_gtids.mariadb.sql")),
    ],
    1,
    Needs::NOTHING,
);

/// Settings that shape replication.
pub static REPLICATION_SETTINGS: Probe = probe(
    "replication_settings",
    &[
        Statement::mysql(8, 0, 0, include_str!("replication_settings.sql")),
        Statement::mariadb(10, 6, 0, include_str!("replication_settings.sql")),
    ],
    100,
    Needs::NOTHING,
);

/// Semi-synchronous replication.
pub static SEMI_SYNC_STATUS: Probe = probe(
    "semi_sync_status",
    &[
        Statement::mysql(8, 0, 0, include_str!("semi_sync_status.sql")),
        Statement::mariadb(10, 6, 0, include_str!("semi_sync_status.sql")),
    ],
    100,
    Needs::NOTHING,
);

/// Threads of replication in the process list: for MariaDB, and for MySQL without the performance
/// schema.
pub static REPLICATION_THREADS: Probe = probe(
    "replication_threads",
    &[
        Statement::mysql(8, 0, 0, include_str!("replication_threads.sql")),
        Statement::mariadb(10, 6, 0, include_str!("replication_threads.sql")),
    ],
    2_000,
    WITH_PROCESS,
);

/// Replicas that read this server's binary log.
pub static CONNECTED_REPLICAS: Probe = probe(
    "connected_replicas",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("connected_replicas.mysql.sql"),
    )],
    1_000,
    IN_PERFORMANCE_SCHEMA,
);

/// Tables applier threads use, on MySQL with whether they have a primary key, and what they wait for.
pub static APPLIER_METADATA_LOCKS: Probe = probe(
    "applier_metadata_locks",
    &[
        Statement::mysql(8, 0, 0, include_str!("applier_metadata_locks.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("applier_metadata_locks.mariadb.sql")),
    ],
    1_000,
    IN_PERFORMANCE_SCHEMA,
);

/// Tables without a key that names a row, on MariaDB, whose performance schema is mostly off.
pub static INNODB_TABLES_WITHOUT_KEY: Probe = probe(
    "innodb_tables_without_key",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("innodb_tables_without_key.mariadb.sql"),
    )],
    1_000,
    WITH_PROCESS,
);

/// Members of a replication group.
pub static GROUP_MEMBERS: Probe = probe(
    "group_members",
    &[Statement::mysql(
        8,
        0,
        2,
        include_str!("group_members.mysql.sql"),
    )],
    64,
    IN_PERFORMANCE_SCHEMA,
);

/// Readers of an Aurora cluster, which replicate storage and have no channel.
pub static AURORA_REPLICAS: Probe = probe(
    "aurora_replicas",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("aurora_replicas.mysql.sql"),
    )],
    64,
    Needs {
        grants: &[PROCESS],
        performance_schema: false,
        remedy: "only Aurora MySQL has this table",
    },
);
