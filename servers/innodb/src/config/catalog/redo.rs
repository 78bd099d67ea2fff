//! The redo log, flushing, and purge.

use super::{INNODB, Setting, ma, ma_computed, my, my_computed};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "innodb_redo_log_capacity",
        Kind::Bytes,
        INNODB,
        "writers stall when it is full",
        &[my(8, 0, "104857600")],
    )
    .first(),
    Setting::new(
        "innodb_log_file_size",
        Kind::Bytes,
        INNODB,
        "redo capacity where innodb_redo_log_capacity does not exist",
        &[my(8, 0, "50331648"), ma(10, 6, "100663296")],
    )
    .first(),
    Setting::new(
        "innodb_log_files_in_group",
        Kind::Count,
        INNODB,
        "files of the size above",
        &[my(8, 0, "2")],
    ),
    Setting::new(
        "innodb_log_buffer_size",
        Kind::Bytes,
        INNODB,
        "redo not yet written",
        &[
            my(8, 0, "16777216"),
            my(8, 4, "67108864"),
            ma(10, 6, "16777216"),
        ],
    ),
    Setting::new(
        "innodb_log_writer_threads",
        Kind::Switch,
        INNODB,
        "threads of their own write redo",
        &[my(8, 0, "ON"), my_computed(8, 4)],
    ),
    Setting::new(
        "innodb_io_capacity",
        Kind::Count,
        INNODB,
        "writes a second that background flushing may use",
        &[my(8, 0, "200"), my(8, 4, "10000"), ma(10, 6, "200")],
    )
    .first(),
    Setting::new(
        "innodb_io_capacity_max",
        Kind::Count,
        INNODB,
        "the same under pressure",
        &[my_computed(8, 0), ma_computed(10, 6)],
    )
    .first(),
    Setting::new(
        "innodb_flush_neighbors",
        Kind::Count,
        INNODB,
        "flushes neighbouring pages too: for spinning disks",
        &[my(8, 0, "0"), ma(10, 6, "1")],
    ),
    Setting::new(
        "innodb_flush_sync",
        Kind::Switch,
        INNODB,
        "checkpoints may exceed innodb_io_capacity",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    ),
    Setting::new(
        "innodb_adaptive_flushing",
        Kind::Switch,
        INNODB,
        "flushing follows the redo rate",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    ),
    Setting::new(
        "innodb_adaptive_flushing_lwm",
        Kind::Count,
        INNODB,
        "share of redo from which flushing adapts",
        &[my(8, 0, "10"), ma(10, 6, "10")],
    ),
    Setting::new(
        "innodb_max_dirty_pages_pct",
        Kind::Count,
        INNODB,
        "share of modified pages allowed",
        &[my(8, 0, "90"), ma(10, 6, "90")],
    ),
    Setting::new(
        "innodb_max_dirty_pages_pct_lwm",
        Kind::Count,
        INNODB,
        "share of modified pages from which flushing starts",
        &[my(8, 0, "10"), ma(10, 6, "0")],
    ),
    Setting::new(
        "innodb_page_cleaners",
        Kind::Count,
        INNODB,
        "threads that flush pages",
        &[my(8, 0, "4"), my_computed(8, 4)],
    ),
    Setting::new(
        "innodb_lru_scan_depth",
        Kind::Count,
        INNODB,
        "pages the cleaners look ahead for free ones",
        &[my(8, 0, "1024"), ma(10, 6, "1536")],
    ),
    Setting::new(
        "innodb_purge_threads",
        Kind::Count,
        INNODB,
        "threads that remove old row versions",
        &[my(8, 0, "4"), my_computed(8, 4), ma(10, 6, "4")],
    ),
    Setting::new(
        "innodb_purge_batch_size",
        Kind::Count,
        INNODB,
        "undo pages purged at once",
        &[my(8, 0, "300"), ma_computed(10, 6)],
    ),
    Setting::new(
        "innodb_max_purge_lag",
        Kind::Count,
        INNODB,
        "delays writers when purge lags",
        &[my(8, 0, "0"), ma(10, 6, "0")],
    ),
    Setting::new(
        "innodb_undo_log_truncate",
        Kind::Switch,
        INNODB,
        "undo tablespaces shrink again",
        &[my(8, 0, "ON"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_max_undo_log_size",
        Kind::Bytes,
        INNODB,
        "from which size they shrink",
        &[my(8, 0, "1073741824"), ma(10, 6, "10485760")],
    ),
    Setting::new(
        "innodb_rollback_segments",
        Kind::Count,
        INNODB,
        "transactions that may write at once",
        &[my(8, 0, "128")],
    ),
];
