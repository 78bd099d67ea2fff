//! The buffer pool, its statistics of use, and InnoDB's threads.

use super::{INNODB, Setting, ma, ma_computed, my, my_computed};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "innodb_buffer_pool_size",
        Kind::Bytes,
        INNODB,
        "what does not fit is read from disk again and again",
        &[my(8, 0, "134217728"), ma(10, 6, "134217728")],
    )
    .first(),
    Setting::new(
        "innodb_buffer_pool_instances",
        Kind::Count,
        INNODB,
        "parts with latches of their own",
        &[my_computed(8, 0)],
    ),
    Setting::new(
        "innodb_buffer_pool_chunk_size",
        Kind::Bytes,
        INNODB,
        "the pool's size is rounded up to it",
        &[my(8, 0, "134217728"), ma_computed(10, 6)],
    ),
    Setting::new(
        "innodb_buffer_pool_dump_at_shutdown",
        Kind::Switch,
        INNODB,
        "remembers what was cached",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    ),
    Setting::new(
        "innodb_buffer_pool_load_at_startup",
        Kind::Switch,
        INNODB,
        "warms up after a restart",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    ),
    Setting::new(
        "innodb_buffer_pool_dump_pct",
        Kind::Count,
        INNODB,
        "share of pages remembered",
        &[my(8, 0, "25"), ma(10, 6, "25")],
    ),
    Setting::new(
        "innodb_old_blocks_pct",
        Kind::Count,
        INNODB,
        "share of the pool for pages read once",
        &[my(8, 0, "37"), ma(10, 6, "37")],
    ),
    Setting::new(
        "innodb_old_blocks_time",
        Kind::Millis,
        INNODB,
        "keeps scans from flushing the pool",
        &[my(8, 0, "1000"), ma(10, 6, "1000")],
    ),
    Setting::new(
        "innodb_random_read_ahead",
        Kind::Switch,
        INNODB,
        "reads whole extents ahead",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_read_ahead_threshold",
        Kind::Count,
        INNODB,
        "sequential pages that start read-ahead",
        &[my(8, 0, "56"), ma(10, 6, "56")],
    ),
    Setting::new(
        "innodb_adaptive_hash_index",
        Kind::Switch,
        INNODB,
        "speeds point reads, costs latches under mixed load",
        &[my(8, 0, "ON"), my(8, 4, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_change_buffering",
        Kind::Word,
        INNODB,
        "defers changes of secondary indexes",
        &[
            my(8, 0, "all"),
            my(8, 4, "none"),
            my(9, 0, "all"),
            ma(10, 6, "none"),
        ],
    ),
    Setting::new(
        "innodb_dedicated_server",
        Kind::Switch,
        INNODB,
        "sizes pool and redo from the machine's memory",
        &[my(8, 0, "OFF")],
    ),
    Setting::new(
        "innodb_thread_concurrency",
        Kind::Count,
        INNODB,
        "threads allowed inside InnoDB at once",
        &[my(8, 0, "0")],
    )
    .first(),
    Setting::new(
        "innodb_read_io_threads",
        Kind::Count,
        INNODB,
        "threads for read-ahead",
        &[my(8, 0, "4"), my_computed(8, 4), ma(10, 6, "4")],
    ),
    Setting::new(
        "innodb_write_io_threads",
        Kind::Count,
        INNODB,
        "threads for page writes",
        &[my(8, 0, "4"), ma(10, 6, "4")],
    ),
    Setting::new(
        "innodb_use_native_aio",
        Kind::Switch,
        INNODB,
        "the kernel's asynchronous I/O",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    ),
    Setting::new(
        "innodb_numa_interleave",
        Kind::Switch,
        INNODB,
        "spreads the pool over NUMA nodes",
        &[my(8, 0, "OFF"), my(8, 4, "ON"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_page_size",
        Kind::Bytes,
        INNODB,
        "set when the server was made",
        &[my(8, 0, "16384"), ma(10, 6, "16384")],
    ),
];
