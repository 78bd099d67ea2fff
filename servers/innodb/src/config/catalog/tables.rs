//! Caches of tables and files.

use super::{INNODB, SERVER, Setting, ma, ma_computed, my, my_computed};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "table_open_cache",
        Kind::Count,
        SERVER,
        "opened tables kept",
        &[my(8, 0, "4000"), ma(10, 6, "2000")],
    )
    .first(),
    Setting::new(
        "table_open_cache_instances",
        Kind::Count,
        SERVER,
        "parts of that cache",
        &[my(8, 0, "16"), ma(10, 6, "8")],
    ),
    Setting::new(
        "table_definition_cache",
        Kind::Count,
        SERVER,
        "definitions kept",
        &[my_computed(8, 0), ma(10, 6, "400")],
    ),
    Setting::new(
        "open_files_limit",
        Kind::Count,
        SERVER,
        "files the server may open",
        &[my_computed(8, 0), ma_computed(10, 6)],
    )
    .first(),
    Setting::new(
        "innodb_open_files",
        Kind::Count,
        INNODB,
        "InnoDB files kept open",
        &[my_computed(8, 0), ma_computed(10, 6)],
    ),
    Setting::new(
        "schema_definition_cache",
        Kind::Count,
        SERVER,
        "schemas kept",
        &[my(8, 0, "256")],
    ),
    Setting::new(
        "information_schema_stats_expiry",
        Kind::Seconds,
        SERVER,
        "age of table statistics shown",
        &[my(8, 0, "86400")],
    ),
];
