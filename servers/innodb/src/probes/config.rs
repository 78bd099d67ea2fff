//! What `innodb_config` reads: settings, where they came from, and what shows whether they hurt.
//!
//! Sources: MySQL Reference Manual, "The `variables_info` Table", "The `persisted_variables` Table",
//! "Statement Summary Tables"; MariaDB Knowledge Base, "Information Schema `SYSTEM_VARIABLES` Table".
//! No statement reads a setting that may hold a secret: see [`crate::config::secrets`].

use storex_sources::{Needs, Probe, Statement};

use super::{TURN_ON, probe};

/// `performance_schema` without `PROCESS`.
const READ_ONLY_SCHEMA: Needs = Needs {
    grants: &["SELECT ON performance_schema.*"],
    performance_schema: true,
    remedy: TURN_ON,
};

/// Every global setting and its value.
pub static SETTINGS: Probe = probe(
    "settings",
    &[
        Statement::mysql(8, 0, 0, include_str!("settings.sql")),
        Statement::mariadb(10, 6, 0, include_str!("settings.sql")),
    ],
    2_000,
    Needs::NOTHING,
);

/// Where each setting that is not as compiled came from, on MySQL.
pub static SETTING_SOURCES: Probe = probe(
    "setting_sources",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("setting_sources.mysql.sql"),
    )],
    1_000,
    READ_ONLY_SCHEMA,
);

/// What a restart of MySQL will take from `mysqld-auto.cnf`.
pub static PERSISTED_SETTINGS: Probe = probe(
    "persisted_settings",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("persisted_settings.mysql.sql"),
    )],
    1_000,
    READ_ONLY_SCHEMA,
);

/// Origin and default of each setting on MariaDB.
pub static SYSTEM_VARIABLES: Probe = probe(
    "system_variables",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("system_variables.mariadb.sql"),
    )],
    1_500,
    Needs::NOTHING,
);

/// Counters that show whether a setting hurts.
pub static CONFIG_STATUS: Probe = probe(
    "config_status",
    &[
        Statement::mysql(8, 0, 0, include_str!("config_status.sql")),
        Statement::mariadb(10, 6, 0, include_str!("config_status.sql")),
    ],
    100,
    Needs::NOTHING,
);

/// When settings were last set for the whole server, by the statements that did it.
pub static SETTING_CHANGES: Probe = probe(
    "setting_changes",
    &[
        Statement::mysql(8, 0, 0, include_str!("setting_changes.sql")),
        Statement::mariadb(10, 6, 0, include_str!("setting_changes.sql")),
    ],
    200,
    READ_ONLY_SCHEMA,
);

/// Statements of the last minute, those that have examined most rows first.
pub static PLAN_DIGESTS: Probe = probe(
    "plan_digests",
    &[
        Statement::mysql(8, 0, 0, include_str!("plan_digests.sql")),
        Statement::mariadb(10, 6, 0, include_str!("plan_digests.sql")),
    ],
    300,
    READ_ONLY_SCHEMA,
);

/// The sources this server is set to replicate from, on MySQL.
pub static REPLICATION_ORIGINS: Probe = probe(
    "replication_origins",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("replication_origins.mysql.sql"),
    )],
    64,
    READ_ONLY_SCHEMA,
);

/// What the performance schema keeps.
pub static STATEMENT_CONSUMERS: Probe = probe(
    "statement_consumers",
    &[
        Statement::mysql(8, 0, 0, include_str!("statement_consumers.sql")),
        Statement::mariadb(10, 6, 0, include_str!("statement_consumers.sql")),
    ],
    64,
    READ_ONLY_SCHEMA,
);
