//! Every read of this server, with a statement per flavour and version floor.
//!
//! Sources: MySQL Reference Manual, "Statement Digest Aggregation Rules", "Statement Summary Tables",
//! "The `INFORMATION_SCHEMA` `STATISTICS` Table", "Configuring Persistent Optimizer Statistics";
//! MariaDB Knowledge Base, "Performance Schema `events_statements_history` Table".

pub mod ledger;
pub mod logs;

use std::time::Duration;

use storex_sources::{Needs, Probe, Statement};

const IN_PERFORMANCE_SCHEMA: Needs = Needs {
    grants: &["SELECT ON performance_schema.*"],
    performance_schema: true,
    remedy: "set performance_schema=ON in the server's configuration and restart it",
};
/// Without any privilege on it a table is not there for an account.
const DEFINITION: Needs = Needs {
    grants: &["REFERENCES ON *.*"],
    performance_schema: false,
    remedy: "upgrade to MySQL 8.0 or MariaDB 10.6 at least",
};
const PERSISTENT_STATISTICS: Needs = Needs {
    grants: &["SELECT ON mysql.innodb_table_stats"],
    ..DEFINITION
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

/// Statements that read tables, those that took most time first; counted since their digest was
/// first seen.
pub static COSTLY: Probe = probe(
    "explain_costly",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/explain_costly.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/explain_costly.sql")),
    ],
    100,
    IN_PERFORMANCE_SCHEMA,
);

/// Samples of one digest: kept by the digest in MySQL, in the history of each thread in MariaDB.
pub static SAMPLE: Probe = probe(
    "explain_sample",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/explain_sample.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/explain_sample.mariadb.sql")),
    ],
    10,
    IN_PERFORMANCE_SCHEMA,
);

/// One table: what it is and how large.
pub static TABLE: Probe = probe(
    "explain_table",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/explain_table.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/explain_table.sql")),
    ],
    1,
    DEFINITION,
);

/// The types of its columns.
pub static COLUMNS: Probe = probe(
    "explain_columns",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/explain_columns.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/explain_columns.sql")),
    ],
    1_100,
    DEFINITION,
);

/// Its indexes, a row for each part.
pub static INDEXES: Probe = probe(
    "explain_indexes",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/explain_indexes.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/explain_indexes.mariadb.sql")),
    ],
    1_100,
    DEFINITION,
);

/// What its persistent statistics say.
pub static STATISTICS: Probe = probe(
    "explain_statistics",
    &[
        Statement::mysql(8, 0, 0, include_str!("probes/explain_statistics.sql")),
        Statement::mariadb(10, 6, 0, include_str!("probes/explain_statistics.sql")),
    ],
    1,
    PERSISTENT_STATISTICS,
);
