//! What the server records about itself.

use super::{INNODB, SCHEMA, SERVER, Setting, ma, ma_computed, my, my_computed};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "performance_schema",
        Kind::Switch,
        SCHEMA,
        "most of what can be asked comes from it",
        &[my(8, 0, "ON"), ma(10, 6, "OFF")],
    )
    .first(),
    Setting::new(
        "performance_schema_digests_size",
        Kind::Count,
        SCHEMA,
        "statement digests kept",
        &[my_computed(8, 0), ma_computed(10, 6)],
    ),
    Setting::new(
        "performance_schema_max_sql_text_length",
        Kind::Bytes,
        SCHEMA,
        "statements are cut there",
        &[my(8, 0, "1024"), ma(10, 6, "1024")],
    ),
    Setting::new(
        "max_digest_length",
        Kind::Bytes,
        SCHEMA,
        "digests are cut there",
        &[my(8, 0, "1024"), ma(10, 6, "1024")],
    ),
    Setting::new(
        "slow_query_log",
        Kind::Switch,
        SERVER,
        "logs statements that take long",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    )
    .also(&["log_slow_query"])
    .first(),
    Setting::new(
        "long_query_time",
        Kind::Seconds,
        SERVER,
        "how long that is",
        &[my(8, 0, "10"), ma(10, 6, "10")],
    )
    .also(&["log_slow_query_time"])
    .first(),
    Setting::new(
        "log_slow_extra",
        Kind::Switch,
        SERVER,
        "figures with each entry",
        &[my(8, 0, "OFF")],
    ),
    Setting::new(
        "log_slow_verbosity",
        Kind::Words,
        SERVER,
        "figures with each entry",
        &[ma(10, 6, "")],
    ),
    Setting::new(
        "log_queries_not_using_indexes",
        Kind::Switch,
        SERVER,
        "logs those however short",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "min_examined_row_limit",
        Kind::Count,
        SERVER,
        "leaves out statements that examine less",
        &[my(8, 0, "0"), ma(10, 6, "0")],
    )
    .also(&["log_slow_min_examined_row_limit"]),
    Setting::new(
        "log_output",
        Kind::Word,
        SERVER,
        "to files or tables",
        &[my(8, 0, "FILE"), ma(10, 6, "FILE")],
    ),
    Setting::new(
        "general_log",
        Kind::Switch,
        SERVER,
        "writes every statement",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    )
    .first(),
    Setting::new(
        "log_error_verbosity",
        Kind::Count,
        SERVER,
        "1 leaves out warnings",
        &[my(8, 0, "2")],
    ),
    Setting::new(
        "log_warnings",
        Kind::Count,
        SERVER,
        "0 leaves out warnings",
        &[ma(10, 6, "2")],
    ),
    Setting::new(
        "innodb_print_all_deadlocks",
        Kind::Switch,
        INNODB,
        "every deadlock goes to the error log",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_status_output",
        Kind::Switch,
        INNODB,
        "writes the monitor to the error log every 15 s",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_status_output_locks",
        Kind::Switch,
        INNODB,
        "with locks",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_monitor_enable",
        Kind::Word,
        INNODB,
        "counters of innodb_metrics that are on",
        &[my(8, 0, ""), ma(10, 6, "")],
    ),
    Setting::new(
        "userstat",
        Kind::Switch,
        SERVER,
        "statistics per user, table and index",
        &[ma(10, 6, "OFF")],
    ),
];
