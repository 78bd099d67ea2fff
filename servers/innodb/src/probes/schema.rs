//! Reads of table definitions, their sizes, statistics and use.
//!
//! A read names one table (`TABLE_SCHEMA = ? AND TABLE_NAME = ?`), which MySQL answers from its data
//! dictionary and MariaDB by opening that one table. Defaults, comments, members of enumerations and
//! bounds of partitions are literals: they are counted or classified by the server and never leave it.
//!
//! Sources: MySQL Reference Manual, "`INFORMATION_SCHEMA` Tables", "The
//! `table_io_waits_summary_by_index_usage` Table", "Configuring Persistent Optimizer Statistics";
//! MariaDB Knowledge Base, "Information Schema InnoDB Tables", "Engine-Independent Table Statistics".

use super::{IN_PERFORMANCE_SCHEMA, Needs, PROCESS, Probe, Statement, WITH_PROCESS, probe};

/// Without any privilege on it a table is not there for an account. Of those that show a definition
/// without its rows this one allows the least: alone it allows nothing else.
const REFERENCES: &str = "REFERENCES ON *.*";

const DEFINITION: Needs = Needs {
    grants: &[REFERENCES],
    performance_schema: false,
    remedy: "upgrade to MySQL 8.0 or MariaDB 10.6 at least",
};
const DEFINITION_AND_PROCESS: Needs = Needs {
    grants: &[REFERENCES, PROCESS],
    ..DEFINITION
};
const PERSISTENT_STATISTICS: Needs = Needs {
    grants: &[
        "SELECT ON mysql.innodb_table_stats",
        "SELECT ON mysql.innodb_index_stats",
    ],
    ..DEFINITION
};
const ENGINE_INDEPENDENT_STATISTICS: Needs = Needs {
    grants: &["SELECT ON mysql.table_stats", "SELECT ON mysql.index_stats"],
    performance_schema: false,
    remedy: "MySQL keeps histograms instead",
};

/// Settings that decide what the statistics are worth.
pub static SETTINGS: Probe = probe(
    "schema_settings",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_settings.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_settings.mariadb.sql")),
    ],
    1,
    Needs::NOTHING,
);

/// The table itself.
pub static TABLE: Probe = probe(
    "schema_table",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_table.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_table.sql")),
    ],
    1,
    DEFINITION,
);

/// Its columns.
pub static COLUMNS: Probe = probe(
    "schema_columns",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_columns.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_columns.mariadb.sql")),
    ],
    1100,
    DEFINITION,
);

/// Its indexes, a row for each part; expressions by their hash.
pub static INDEXES: Probe = probe(
    "schema_indexes",
    &[
        Statement::mysql(8, 0, 13, include_str!("schema_indexes.mysql.sql")),
        Statement::mysql(8, 0, 0, include_str!("schema_indexes.mysql80.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_indexes.mariadb.sql")),
    ],
    1100,
    DEFINITION,
);

/// How often each of its indexes was used since counting began.
pub static INDEX_USAGE: Probe = probe(
    "schema_index_usage",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_index_usage.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_index_usage.sql")),
    ],
    130,
    IN_PERFORMANCE_SCHEMA,
);

/// Statements that name it: definition changes first, then those that examined most.
pub static STATEMENTS: Probe = probe(
    "schema_statements",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_statements.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_statements.sql")),
    ],
    30,
    IN_PERFORMANCE_SCHEMA,
);

/// Its foreign keys, a row for each column.
pub static FOREIGN_KEYS: Probe = probe(
    "schema_foreign_keys",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_foreign_keys.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_foreign_keys.sql")),
    ],
    200,
    DEFINITION,
);

/// Foreign keys of other tables that refer to it, a row for each column.
pub static REFERENCING: Probe = probe(
    "schema_referencing",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_referencing.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_referencing.mariadb.sql")),
    ],
    200,
    DEFINITION_AND_PROCESS,
);

/// Its partitions, summed up.
pub static PARTITIONS: Probe = probe(
    "schema_partitions",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_partitions.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_partitions.sql")),
    ],
    1,
    DEFINITION,
);

/// Its triggers, shown to accounts that may change them.
pub static TRIGGERS: Probe = probe(
    "schema_triggers",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_triggers.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_triggers.sql")),
    ],
    50,
    DEFINITION,
);

/// Whether this account is shown triggers.
pub static PRIVILEGES: Probe = probe(
    "schema_privileges",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_privileges.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_privileges.sql")),
    ],
    10,
    Needs::NOTHING,
);

/// Its persistent statistics, a row for each partition.
pub static PERSISTENT: Probe = probe(
    "schema_innodb_statistics",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_innodb_statistics.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_innodb_statistics.sql")),
    ],
    2000,
    PERSISTENT_STATISTICS,
);

/// Pages of each of its indexes when statistics were taken.
pub static INDEX_PAGES: Probe = probe(
    "schema_index_pages",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_index_pages.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_index_pages.sql")),
    ],
    130,
    PERSISTENT_STATISTICS,
);

/// Rows as InnoDB counts them now, and changes since statistics were taken. It loads every table
/// into the dictionary cache: ask [`SCALE`] first.
pub static MODIFIED: Probe = probe(
    "schema_modified",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_modified.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_modified.mariadb.sql")),
    ],
    2000,
    WITH_PROCESS,
);

/// Its files.
pub static FILES: Probe = probe(
    "schema_files",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_files.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_files.mariadb.sql")),
    ],
    1,
    WITH_PROCESS,
);

/// How many tables there are.
pub static SCALE: Probe = probe(
    "schema_scale",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_scale.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_scale.mariadb.sql")),
    ],
    1,
    WITH_PROCESS,
);

/// Its histograms, summed up.
pub static HISTOGRAMS: Probe = probe(
    "schema_histograms",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("schema_histograms.mysql.sql"),
    )],
    1,
    DEFINITION,
);

/// MariaDB's statistics of its own, summed up.
pub static ENGINE_INDEPENDENT: Probe = probe(
    "schema_engine_independent",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("schema_engine_independent.mariadb.sql"),
    )],
    1,
    ENGINE_INDEPENDENT_STATISTICS,
);

/// Names of tables, to find the one that was meant.
pub static NAMES: Probe = probe(
    "schema_names",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_names.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_names.sql")),
    ],
    2000,
    DEFINITION,
);

/// The largest tables by their files.
pub static LARGEST: Probe = probe(
    "schema_largest",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_largest.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_largest.mariadb.sql")),
    ],
    50,
    WITH_PROCESS,
);

/// Tables without a primary key: on MySQL those used since it counts.
pub static NO_PRIMARY: Probe = probe(
    "schema_no_primary",
    &[Statement::mysql(
        8,
        0,
        0,
        include_str!("schema_no_primary.mysql.sql"),
    )],
    50,
    IN_PERFORMANCE_SCHEMA,
);

/// The same on MariaDB, of all tables.
pub static HIDDEN_CLUSTERED: Probe = probe(
    "schema_hidden_clustered",
    &[Statement::mariadb(
        10,
        6,
        0,
        include_str!("schema_hidden_clustered.mariadb.sql"),
    )],
    50,
    WITH_PROCESS,
);

/// How many indexes were never used since it counts.
pub static UNUSED: Probe = probe(
    "schema_unused",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_unused.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_unused.sql")),
    ],
    1,
    IN_PERFORMANCE_SCHEMA,
);

/// Tables whose counter may be nearly used up. It loads every table into the dictionary cache: ask
/// [`SCALE`] first.
pub static AUTO_INCREMENT: Probe = probe(
    "schema_auto_increment",
    &[
        Statement::mysql(8, 0, 0, include_str!("schema_auto_increment.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("schema_auto_increment.mariadb.sql")),
    ],
    20,
    DEFINITION_AND_PROCESS,
);
