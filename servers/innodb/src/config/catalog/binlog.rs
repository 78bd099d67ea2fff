//! The binary log.

use super::{BINLOG, GTID, Setting, ma, my};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "log_bin",
        Kind::Switch,
        BINLOG,
        "point-in-time recovery and replicas need it",
        &[my(8, 0, "ON"), ma(10, 6, "OFF")],
    )
    .first(),
    Setting::new(
        "binlog_format",
        Kind::Word,
        BINLOG,
        "what is written: rows or statements",
        &[my(8, 0, "ROW"), ma(10, 6, "MIXED")],
    )
    .first(),
    Setting::new(
        "binlog_row_image",
        Kind::Word,
        BINLOG,
        "which columns of a row are written",
        &[my(8, 0, "FULL"), ma(10, 6, "FULL")],
    ),
    Setting::new(
        "binlog_row_metadata",
        Kind::Word,
        BINLOG,
        "whether column names are written",
        &[my(8, 0, "MINIMAL"), ma(10, 6, "NO_LOG")],
    ),
    Setting::new(
        "binlog_expire_logs_seconds",
        Kind::Seconds,
        BINLOG,
        "when old binary logs are removed",
        &[my(8, 0, "2592000"), ma(10, 6, "0")],
    )
    .first(),
    Setting::new(
        "expire_logs_days",
        Kind::Count,
        BINLOG,
        "the same in days; the older name",
        &[my(8, 0, "0"), ma(10, 6, "0")],
    ),
    Setting::new(
        "binlog_expire_logs_auto_purge",
        Kind::Switch,
        BINLOG,
        "whether they are removed at all",
        &[my(8, 0, "ON")],
    ),
    Setting::new(
        "max_binlog_size",
        Kind::Bytes,
        BINLOG,
        "when the next file begins",
        &[my(8, 0, "1073741824"), ma(10, 6, "1073741824")],
    ),
    Setting::new(
        "binlog_cache_size",
        Kind::Bytes,
        BINLOG,
        "per session; larger transactions go to disk first",
        &[my(8, 0, "32768"), ma(10, 6, "32768")],
    ),
    Setting::new(
        "binlog_transaction_compression",
        Kind::Switch,
        BINLOG,
        "smaller logs for processor time",
        &[my(8, 0, "OFF")],
    ),
    Setting::new(
        "binlog_error_action",
        Kind::Word,
        BINLOG,
        "what happens when the log cannot be written",
        &[my(8, 0, "ABORT_SERVER")],
    )
    .first(),
    Setting::new(
        "binlog_group_commit_sync_delay",
        Kind::Micros,
        BINLOG,
        "every commit waits that long for others",
        &[my(8, 0, "0")],
    ),
    Setting::new(
        "binlog_commit_wait_count",
        Kind::Count,
        BINLOG,
        "commits wait for so many others",
        &[ma(10, 6, "0")],
    ),
    Setting::new(
        "binlog_commit_wait_usec",
        Kind::Micros,
        BINLOG,
        "at most that long",
        &[ma(10, 6, "100000")],
    ),
    Setting::new(
        "binlog_order_commits",
        Kind::Switch,
        BINLOG,
        "commits become visible in the log's order",
        &[my(8, 0, "ON")],
    ),
    Setting::new(
        "binlog_checksum",
        Kind::Word,
        BINLOG,
        "finds damaged events",
        &[my(8, 0, "CRC32"), ma(10, 6, "CRC32")],
    ),
    Setting::new(
        "log_replica_updates",
        Kind::Switch,
        BINLOG,
        "a replica logs what it applies, for replicas of its own",
        &[my(8, 0, "ON"), ma(10, 6, "OFF")],
    )
    .also(&["log_slave_updates"])
    .first(),
    Setting::new(
        "gtid_mode",
        Kind::Word,
        GTID,
        "transactions are known by identifiers",
        &[my(8, 0, "OFF"), my(9, 5, "ON")],
    )
    .first(),
    Setting::new(
        "enforce_gtid_consistency",
        Kind::Word,
        GTID,
        "refuses statements identifiers cannot cover",
        &[my(8, 0, "OFF"), my(9, 5, "ON")],
    ),
    Setting::new(
        "gtid_strict_mode",
        Kind::Switch,
        GTID,
        "refuses identifiers out of order",
        &[ma(10, 6, "OFF")],
    ),
];
