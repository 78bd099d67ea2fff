//! What survives a crash of the server or of its machine.

use super::{BINLOG, INNODB, Setting, ma, my};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "innodb_flush_log_at_trx_commit",
        Kind::Count,
        INNODB,
        "1 flushes redo at every commit; 0 and 2 lose the last second of commits",
        &[my(8, 0, "1"), ma(10, 6, "1")],
    )
    .first(),
    Setting::new(
        "sync_binlog",
        Kind::Count,
        BINLOG,
        "1 flushes the binary log at every commit",
        &[my(8, 0, "1"), ma(10, 6, "0")],
    )
    .first(),
    Setting::new(
        "innodb_doublewrite",
        Kind::Word,
        INNODB,
        "protects pages from being half written",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    )
    .first(),
    Setting::new(
        "innodb_checksum_algorithm",
        Kind::Word,
        INNODB,
        "finds pages damaged on disk",
        &[my(8, 0, "crc32"), ma(10, 6, "full_crc32")],
    ),
    Setting::new(
        "innodb_log_checksums",
        Kind::Switch,
        INNODB,
        "finds redo damaged on disk",
        &[my(8, 0, "ON")],
    ),
    Setting::new(
        "innodb_flush_method",
        Kind::Word,
        INNODB,
        "how files are flushed, and whether the file system caches them too",
        &[
            my(8, 0, "fsync"),
            my(8, 4, "O_DIRECT"),
            ma(10, 6, "O_DIRECT"),
        ],
    ),
    Setting::new(
        "innodb_use_fdatasync",
        Kind::Switch,
        INNODB,
        "flushes without file times",
        &[my(8, 0, "OFF"), my(8, 4, "ON")],
    ),
    Setting::new(
        "innodb_flush_log_at_timeout",
        Kind::Seconds,
        INNODB,
        "how often redo is flushed in the background",
        &[my(8, 0, "1"), ma(10, 6, "1")],
    ),
    Setting::new(
        "innodb_force_recovery",
        Kind::Count,
        INNODB,
        "leaves out parts of recovery; from 4 on data may be damaged",
        &[my(8, 0, "0"), ma(10, 6, "0")],
    )
    .first(),
    Setting::new(
        "innodb_fast_shutdown",
        Kind::Count,
        INNODB,
        "2 shuts down like a crash",
        &[my(8, 0, "1"), ma(10, 6, "1")],
    ),
    Setting::new(
        "innodb_file_per_table",
        Kind::Switch,
        INNODB,
        "space of dropped tables returns to the file system",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    ),
];
