//! The redo log, flushing, purge, the buffer pool, and InnoDB's threads.

use super::{Breach, DYNAMIC, RESTART, Rule, View, rule};
use crate::config::kind::size;
use storex_sources::Vendor;

pub(super) const RULES: &[Rule] = &[
    rule(
        "redo_capacity_small",
        "innodb_redo_log_capacity",
        |view| redo_capacity_small(view, "innodb_redo_log_capacity"),
        (
            "SET GLOBAL innodb_redo_log_capacity to hold half an hour of writes or more",
            DYNAMIC,
            "disk space; recovery after a crash takes longer",
        ),
    ),
    rule(
        "redo_capacity_small",
        "innodb_log_file_size",
        |view| {
            let newer = view.settings.get("innodb_redo_log_capacity").is_some();
            if newer {
                None
            } else {
                redo_capacity_small(view, "innodb_log_file_size")
            }
        },
        (
            "raise innodb_log_file_size to hold half an hour of writes or more",
            "dynamic from MariaDB 10.9; before it, and on MySQL before 8.0.30, needs a restart",
            "disk space; recovery after a crash takes longer",
        ),
    ),
    rule(
        "log_buffer_small",
        "innodb_log_buffer_size",
        log_buffer_small,
        (
            "raise innodb_log_buffer_size",
            "dynamic on MySQL; MariaDB needs a restart",
            "memory",
        ),
    ),
    rule(
        "io_capacity_low",
        "innodb_io_capacity",
        io_capacity_low,
        (
            "SET GLOBAL innodb_io_capacity to what the disk does beside its reads (SSD: thousands)",
            DYNAMIC,
            "more background writes",
        ),
    ),
    rule(
        "adaptive_flushing_off",
        "innodb_adaptive_flushing",
        adaptive_flushing_off,
        (
            "SET GLOBAL innodb_adaptive_flushing = ON",
            DYNAMIC,
            "steadier background writes",
        ),
    ),
    rule(
        "dirty_pages_limited",
        "innodb_max_dirty_pages_pct",
        dirty_pages_limited,
        (
            "SET GLOBAL innodb_max_dirty_pages_pct = 90",
            DYNAMIC,
            "shutdown takes longer",
        ),
    ),
    rule(
        "writers_delayed_by_purge",
        "innodb_max_purge_lag",
        writers_delayed_by_purge,
        (
            "SET GLOBAL innodb_max_purge_lag = 0, and end what holds purge",
            DYNAMIC,
            "the history list may grow",
        ),
    ),
    rule(
        "undo_never_shrinks",
        "innodb_undo_log_truncate",
        undo_never_shrinks,
        (
            "SET GLOBAL innodb_undo_log_truncate = ON",
            DYNAMIC,
            "short pauses while undo is truncated",
        ),
    ),
    rule(
        "buffer_pool_small",
        "innodb_buffer_pool_size",
        buffer_pool_small,
        (
            "SET GLOBAL innodb_buffer_pool_size to what the machine can spare, and in the configuration",
            "dynamic; latches are held for moments while the pool is resized",
            "memory",
        ),
    ),
    rule(
        "pool_cold_after_restart",
        "innodb_buffer_pool_load_at_startup",
        pool_cold,
        (
            "set innodb_buffer_pool_load_at_startup = ON in the configuration",
            RESTART,
            "reads after a start",
        ),
    ),
    rule(
        "scans_flush_the_pool",
        "innodb_old_blocks_time",
        scans_flush_the_pool,
        ("SET GLOBAL innodb_old_blocks_time = 1000", DYNAMIC, "none"),
    ),
    rule(
        "threads_limited",
        "innodb_thread_concurrency",
        threads_limited,
        (
            "SET GLOBAL innodb_thread_concurrency = 0",
            DYNAMIC,
            "more threads at once inside InnoDB",
        ),
    ),
];

/// Less than the smallest default of any version (2 files of 48 MiB, MySQL before 8.0.30) is small for
/// anything that writes; and a log that fills in less than ten minutes at the mean rate since the start
/// keeps flushing under pressure (MySQL Reference Manual, "Configuring Redo Log Capacity": large enough
/// for peak load).
const REDO_SMALL_BYTES: f64 = 96.0 * 1024.0 * 1024.0;
const REDO_FILLS_S: f64 = 600.0;

fn redo_capacity_small(view: &View<'_>, setting: &str) -> Option<Breach> {
    // Aurora's log is its storage and has no capacity.
    if view.server().vendor == Vendor::Aurora {
        return None;
    }
    let current = view.settings.get(setting)?;
    let capacity = view.settings.redo_capacity_bytes()?;
    let uptime = view.uptime_s();
    let written = view
        .counted("innodb_os_log_written")
        .filter(|_| uptime >= REDO_FILLS_S);
    let per_s = written.map(|written| written / uptime);
    let fills_s = per_s.filter(|rate| *rate > 0.0).map(|rate| capacity / rate);
    let soon = fills_s.is_some_and(|seconds| seconds < REDO_FILLS_S);
    let small = current.is_changed() && capacity < REDO_SMALL_BYTES;
    if !soon && !small {
        return None;
    }
    let breach = Breach::warning(match (soon, fills_s) {
        (true, Some(seconds)) => format!(
            "writes since the start fill {} in {seconds:.0} s on average: pages are flushed under pressure and \
             writers stall at peaks",
            size(capacity)
        ),
        _ => "it fills within moments of heavy writing, and writers stall until pages are flushed"
            .to_owned(),
    });
    Some(match per_s {
        Some(rate) => breach.figure(
            "redo_written_since_start",
            rate.round(),
            None,
            "bytes per s",
            "status Innodb_os_log_written / Uptime",
        ),
        None => breach.possible(),
    })
}

/// MySQL Reference Manual, `Innodb_log_waits`: times the log buffer was too small.
fn log_buffer_small(view: &View<'_>) -> Option<Breach> {
    let waits = view
        .counted("innodb_log_waits")
        .filter(|waits| *waits > 0.0)?;
    let breach = Breach::info(format!(
        "the log buffer was too small {waits} times since the start, and a writer waited"
    ));
    Some(breach.figure(
        "log_waits",
        waits,
        None,
        "since start",
        "status Innodb_log_waits",
    ))
}

/// MySQL Reference Manual, "Configuring InnoDB I/O Capacity": 100 suits one slow disk.
fn io_capacity_low(view: &View<'_>) -> Option<Breach> {
    let capacity = view.number("innodb_io_capacity")?;
    let most = view.number("innodb_io_capacity_max");
    if most.is_some_and(|most| capacity > most) {
        return Some(Breach::warning(
            "it is above innodb_io_capacity_max, which then bounds it",
        ));
    }
    (capacity <= 100.0 && view.changed("innodb_io_capacity")).then(|| {
        Breach::warning(
            "background flushing is held to the pace of one slow disk: modified pages pile up",
        )
    })
}

/// MySQL Reference Manual, "Configuring Buffer Pool Flushing".
fn adaptive_flushing_off(view: &View<'_>) -> Option<Breach> {
    view.off("innodb_adaptive_flushing").then(|| {
        Breach::warning(
            "flushing does not follow the writes: it comes in bursts that stall writers",
        )
    })
}

/// MySQL Reference Manual, `innodb_max_dirty_pages_pct`: below a tenth the pool hardly gathers writes.
fn dirty_pages_limited(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_max_dirty_pages_pct")? < 10.0)
        .then(|| Breach::info("pages are written almost as soon as they are modified"))
}

/// MySQL Reference Manual, "Purge Configuration": DML is delayed by `innodb_max_purge_lag_delay`.
fn writers_delayed_by_purge(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_max_purge_lag")? > 0.0)
        .then(|| Breach::info("every write is delayed while the history list is longer than this"))
}

/// MySQL Reference Manual, "Truncating Undo Tablespaces". Off is MariaDB's default.
fn undo_never_shrinks(view: &View<'_>) -> Option<Breach> {
    (view.off("innodb_undo_log_truncate") && view.changed("innodb_undo_log_truncate"))
        .then(|| Breach::info("undo space that a long transaction took never returns to the disk"))
}

/// A full pool of the default size or less (128 MiB) from whose tables many times its size was read
/// again since the start. The machine's memory cannot be seen through SQL.
const READ_AGAIN: f64 = 20.0;
const POOL_SMALL_BYTES: f64 = 128.0 * 1024.0 * 1024.0;

fn buffer_pool_small(view: &View<'_>) -> Option<Breach> {
    let pool = view.number("innodb_buffer_pool_size")?;
    let page = view.number("innodb_page_size").unwrap_or(16_384.0);
    let total = view.counted("innodb_buffer_pool_pages_total")?;
    let free = view.counted("innodb_buffer_pool_pages_free")?;
    let read = view.counted("innodb_buffer_pool_reads")? * page;
    let full = free < total * 0.05;
    if pool > POOL_SMALL_BYTES || !full || read < pool * READ_AGAIN {
        return None;
    }
    let breach = Breach::warning(format!(
        "it is full and {:.0} times its size was read from disk since the start: the data in use does not fit",
        read / pool
    ));
    Some(breach.possible().figure(
        "read_since_start",
        read,
        pool,
        "bytes",
        "status Innodb_buffer_pool_reads",
    ))
}

/// MySQL Reference Manual, "Saving and Restoring the Buffer Pool State".
fn pool_cold(view: &View<'_>) -> Option<Breach> {
    view.off("innodb_buffer_pool_load_at_startup")
        .then(|| Breach::info("after a restart everything is read from disk again"))
}

/// MySQL Reference Manual, "Making the Buffer Pool Scan Resistant".
fn scans_flush_the_pool(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_old_blocks_time")? < 1.0)
        .then(|| Breach::info("one full scan pushes what is in use out of the buffer pool"))
}

/// MySQL Reference Manual, "Configuring Thread Concurrency for InnoDB": 0 is no limit.
fn threads_limited(view: &View<'_>) -> Option<Breach> {
    let limit = view
        .number("innodb_thread_concurrency")
        .filter(|limit| *limit > 0.0)?;
    let consequence =
        format!("no more than {limit} threads work inside InnoDB; the others sleep and queue");
    Some(if limit < 8.0 {
        Breach::warning(consequence)
    } else {
        Breach::info(consequence)
    })
}
