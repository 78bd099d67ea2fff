//! Buffers of sessions, and temporary tables.

use super::{Breach, DYNAMIC, NEW_SESSIONS, Rule, View, rule};
use crate::config::kind::size;

const MIB: f64 = 1024.0 * 1024.0;

pub(super) const RULES: &[Rule] = &[
    rule(
        "session_buffer_huge",
        "sort_buffer_size",
        |view| session_buffer_huge(view, "sort_buffer_size"),
        (
            "SET GLOBAL sort_buffer_size = DEFAULT, and larger only in sessions that need it",
            NEW_SESSIONS,
            "more merge passes for large sorts",
        ),
    ),
    rule(
        "session_buffer_huge",
        "join_buffer_size",
        |view| session_buffer_huge(view, "join_buffer_size"),
        (
            "SET GLOBAL join_buffer_size = DEFAULT, and an index for the join",
            NEW_SESSIONS,
            "joins without an index get slower",
        ),
    ),
    rule(
        "session_buffer_huge",
        "read_rnd_buffer_size",
        |view| session_buffer_huge(view, "read_rnd_buffer_size"),
        (
            "SET GLOBAL read_rnd_buffer_size = DEFAULT",
            NEW_SESSIONS,
            "none worth naming",
        ),
    ),
    rule(
        "session_memory_high",
        "max_connections",
        session_memory_high,
        (
            "lower the buffers of sessions, or max_connections",
            DYNAMIC,
            "single large sorts and joins get slower",
        ),
    ),
    rule(
        "sort_buffer_small",
        "sort_buffer_size",
        sort_buffer_small,
        (
            "SET GLOBAL sort_buffer_size = 262144 (MariaDB: 2097152)",
            NEW_SESSIONS,
            "memory per sorting session",
        ),
    ),
    rule(
        "temporary_tables_spill",
        "tmp_table_size",
        |view| temporary_tables_spill(view, "tmp_table_size"),
        (
            "SET GLOBAL tmp_table_size = 16777216",
            NEW_SESSIONS,
            "memory per temporary table",
        ),
    ),
    rule(
        "temporary_tables_spill",
        "max_heap_table_size",
        |view| temporary_tables_spill(view, "max_heap_table_size"),
        (
            "SET GLOBAL max_heap_table_size = 16777216",
            NEW_SESSIONS,
            "memory per temporary table",
        ),
    ),
    rule(
        "temporary_tables_huge",
        "tmp_table_size",
        temporary_tables_huge,
        (
            "SET GLOBAL tmp_table_size = 16777216, and larger only in sessions that need it",
            NEW_SESSIONS,
            "larger temporary tables go to disk",
        ),
    ),
    rule(
        "temporary_memory_small",
        "temptable_max_ram",
        temporary_memory_small,
        (
            "SET GLOBAL temptable_max_ram = 1073741824",
            DYNAMIC,
            "memory, for all sessions together",
        ),
    ),
    rule(
        "temporary_tables_on_disk",
        "big_tables",
        temporary_tables_on_disk,
        (
            "SET GLOBAL big_tables = OFF",
            NEW_SESSIONS,
            "memory per temporary table",
        ),
    ),
    rule(
        "temporary_engine_old",
        "internal_tmp_mem_storage_engine",
        temporary_engine_old,
        (
            "SET GLOBAL internal_tmp_mem_storage_engine = TempTable",
            NEW_SESSIONS,
            "none worth naming",
        ),
    ),
];

/// What every connection may take at once, if all of them sort, join and read: more than the buffer
/// pool four times over and than 16 GiB. The machine's memory cannot be seen through SQL (MySQL
/// Reference Manual, "How MySQL Uses Memory").
fn session_memory_high(view: &View<'_>) -> Option<Breach> {
    let buffers = [
        "sort_buffer_size",
        "join_buffer_size",
        "read_buffer_size",
        "read_rnd_buffer_size",
        "thread_stack",
        "binlog_cache_size",
    ];
    let each: f64 = buffers.iter().filter_map(|name| view.number(name)).sum();
    let connections = view.number("max_connections")?;
    let worst = each * connections;
    let pool = view.number("innodb_buffer_pool_size")?;
    if worst < 16_384.0 * MIB || worst < pool * 4.0 {
        return None;
    }
    let used = view.counted("max_used_connections").unwrap_or(0.0);
    let breach = Breach::warning(format!(
        "each may take {} in buffers: {} if all are busy, beside a buffer pool of {}",
        size(each),
        size(worst),
        size(pool)
    ));
    Some(breach.possible().figure(
        "max_used_connections",
        used,
        connections,
        "since start",
        "status Max_used_connections",
    ))
}

/// From 64 MiB on a few hundred busy sessions exhaust a machine.
fn session_buffer_huge(view: &View<'_>, setting: &str) -> Option<Breach> {
    (view.number(setting)? >= 64.0 * MIB)
        .then(|| Breach::warning("every session may take that much, some several times at once: memory runs out under load"))
}

/// MySQL Reference Manual, `Sort_merge_passes`: a sort that does not fit is merged from disk.
fn sort_buffer_small(view: &View<'_>) -> Option<Breach> {
    let buffer = view.number("sort_buffer_size")?;
    if buffer >= 131_072.0 || !view.changed("sort_buffer_size") {
        return None;
    }
    let passes = view.counted("sort_merge_passes").unwrap_or(0.0);
    let breach = Breach::warning("sorts of a few hundred rows already go to disk");
    Some(breach.figure(
        "sort_merge_passes",
        passes,
        None,
        "since start",
        "status Sort_merge_passes",
    ))
}

/// MySQL Reference Manual, "Internal Temporary Table Use in MySQL"; the default is 16 MiB.
fn temporary_tables_spill(view: &View<'_>, setting: &str) -> Option<Breach> {
    // The MEMORY engine's own limit does not bound TempTable (MySQL Reference Manual, `tmp_table_size`).
    let temptable = view.word("internal_tmp_mem_storage_engine") == "TEMPTABLE";
    if setting == "max_heap_table_size" && temptable {
        return None;
    }
    (view.number(setting)? < MIB)
        .then(|| Breach::warning("almost every temporary table goes to disk"))
}

/// A gibibyte per temporary table.
fn temporary_tables_huge(view: &View<'_>) -> Option<Breach> {
    (view.number("tmp_table_size")? >= 1024.0 * MIB).then(|| {
        Breach::warning(
            "one bad query may take that much memory, and several sessions the machine's",
        )
    })
}

/// MySQL Reference Manual, `temptable_max_ram`: for all sessions together; beyond it tables go to mapped
/// files or to InnoDB on disk, which `Created_tmp_disk_tables` does not count.
fn temporary_memory_small(view: &View<'_>) -> Option<Breach> {
    (view.number("temptable_max_ram")? < 64.0 * MIB).then(|| {
        Breach::warning("all sessions share it: temporary tables go to disk, and Created_tmp_disk_tables does not count them")
    })
}

/// MySQL Reference Manual, `big_tables`.
fn temporary_tables_on_disk(view: &View<'_>) -> Option<Breach> {
    view.on("big_tables")
        .then(|| Breach::warning("every temporary table is made on disk"))
}

/// MySQL Reference Manual, `internal_tmp_mem_storage_engine`: MEMORY pads VARCHAR to its full length.
fn temporary_engine_old(view: &View<'_>) -> Option<Breach> {
    view.changed("internal_tmp_mem_storage_engine").then(|| {
        Breach::info("temporary tables pad every text to its full length and spill sooner")
    })
}
