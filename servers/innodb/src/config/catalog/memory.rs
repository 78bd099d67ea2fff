//! Buffers of sessions, and temporary tables.

use super::{INNODB, SERVER, Setting, ma, my, my_computed};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "tmp_table_size",
        Kind::Bytes,
        SERVER,
        "larger temporary tables go to disk",
        &[my(8, 0, "16777216"), ma(10, 6, "16777216")],
    )
    .also(&["tmp_memory_table_size"])
    .first(),
    Setting::new(
        "max_heap_table_size",
        Kind::Bytes,
        SERVER,
        "the same for the MEMORY engine; the smaller of both counts",
        &[my(8, 0, "16777216"), ma(10, 6, "16777216")],
    )
    .first(),
    Setting::new(
        "temptable_max_ram",
        Kind::Bytes,
        SERVER,
        "memory of all temporary tables together",
        &[my(8, 0, "1073741824"), my_computed(8, 4)],
    )
    .first(),
    Setting::new(
        "temptable_max_mmap",
        Kind::Bytes,
        SERVER,
        "mapped files after that, before InnoDB",
        &[my(8, 0, "1073741824"), my(8, 4, "0")],
    ),
    Setting::new(
        "temptable_use_mmap",
        Kind::Switch,
        SERVER,
        "the same, older name",
        &[my(8, 0, "ON"), my(8, 4, "OFF")],
    ),
    Setting::new(
        "internal_tmp_mem_storage_engine",
        Kind::Word,
        SERVER,
        "the engine of temporary tables",
        &[my(8, 0, "TempTable")],
    ),
    Setting::new(
        "big_tables",
        Kind::Switch,
        SERVER,
        "all temporary tables on disk",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "sort_buffer_size",
        Kind::Bytes,
        SERVER,
        "per session and sort",
        &[my(8, 0, "262144"), ma(10, 6, "2097152")],
    )
    .first(),
    Setting::new(
        "join_buffer_size",
        Kind::Bytes,
        SERVER,
        "per join without an index",
        &[my(8, 0, "262144"), ma(10, 6, "262144")],
    )
    .first(),
    Setting::new(
        "read_buffer_size",
        Kind::Bytes,
        SERVER,
        "per sequential read",
        &[my(8, 0, "131072"), ma(10, 6, "131072")],
    ),
    Setting::new(
        "read_rnd_buffer_size",
        Kind::Bytes,
        SERVER,
        "per read in sorted order",
        &[my(8, 0, "262144"), ma(10, 6, "262144")],
    ),
    Setting::new(
        "thread_stack",
        Kind::Bytes,
        SERVER,
        "per connection",
        &[my(8, 0, "1048576"), ma(10, 6, "299008")],
    ),
    Setting::new(
        "key_buffer_size",
        Kind::Bytes,
        SERVER,
        "MyISAM's cache",
        &[my(8, 0, "8388608"), ma(10, 6, "134217728")],
    ),
    Setting::new(
        "group_concat_max_len",
        Kind::Bytes,
        SERVER,
        "cuts GROUP_CONCAT",
        &[my(8, 0, "1024"), ma(10, 6, "1048576")],
    ),
    Setting::new(
        "innodb_sort_buffer_size",
        Kind::Bytes,
        INNODB,
        "per index being built",
        &[my(8, 0, "1048576"), ma(10, 6, "1048576")],
    ),
    Setting::new(
        "innodb_online_alter_log_max_size",
        Kind::Bytes,
        INNODB,
        "an online ALTER fails beyond it",
        &[my(8, 0, "134217728"), ma(10, 6, "134217728")],
    ),
];
