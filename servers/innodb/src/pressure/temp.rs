//! Temporary tables and sorts that do not fit their memory: which kind spills, against which setting,
//! and whose statement makes it. Pure.
//!
//! A temporary table leaves memory in three ways, and each is counted elsewhere: it outgrows
//! `tmp_table_size` (`Created_tmp_disk_tables`); all together outgrow `temptable_max_ram`, which
//! `Created_tmp_disk_tables` counts only in part (MySQL Reference Manual, "Internal Temporary Table Use
//! in MySQL"); or a sort outgrows `sort_buffer_size` (`Sort_merge_passes`).

mod sorts;
mod tables;

use schemars::JsonSchema;
use serde::Serialize;
use storex_tool::Finding;

use super::samples::{Pair, bytes_text, round};
use sorts::sorts;
use tables::{memory_full, table_too_large, unattributed};

const RUNBOOK: &str = "innodb_pressure";
/// Sessions busy with statements that spill, on average: one session for a tenth of the time is felt
/// by somebody.
const BUSY_SESSIONS: f64 = 0.1;
/// What goes to temporary files a second before any disk feels it.
const WRITTEN_BYTES_PER_S: f64 = 8.0 * 1_048_576.0;
/// Rows written to temporary tables a second, where nothing tells whose they are: reports that fit
/// write thousands.
const ROWS_PER_S: f64 = 10_000.0;

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Temporary tables made
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables_per_s: Option<f64>,
    /// Those on disk, as far as they are counted
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_tables_per_s: Option<f64>,
    /// Tables that outgrew `tmp_table_size`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_limit_hits: Option<u64>,
    /// Times `temptable_max_ram` was full
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ram_limit_hits: Option<u64>,
    /// Written to `InnoDB`'s temporary files
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_bytes_per_s: Option<f64>,
    /// Memory-mapped files of temporary tables
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapped_bytes_per_s: Option<f64>,
    /// Largest session's temporary tables on disk
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_session_bytes: Option<u64>,
    /// Merge passes of sorts
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_merge_passes_per_s: Option<f64>,
    /// Rows written to temporary tables
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_per_s: Option<f64>,
}

/// Reads the figures.
pub fn figures(pair: &Pair) -> Figures {
    Figures {
        tables_per_s: pair.per_s(&["created_tmp_tables"]).map(round),
        disk_tables_per_s: pair.per_s(&["created_tmp_disk_tables"]).map(round),
        table_limit_hits: pair.delta(&["count_hit_tmp_table_size"]),
        ram_limit_hits: pair.delta(&["temptable_count_hit_max_ram"]),
        written_bytes_per_s: pair
            .file("innodb_temp_file")
            .zip(pair.window_s)
            .map(|(file, window)| (file.write_bytes as f64 / window).round()),
        mapped_bytes_per_s: mapped(pair),
        largest_session_bytes: largest(pair).map(|(_, bytes)| bytes),
        sort_merge_passes_per_s: pair.per_s(&["sort_merge_passes"]).map(round),
        rows_per_s: pair.per_s(&["handler_tmp_write"]).map(round),
    }
}

/// What `TempTable` allocated in memory-mapped files, its overflow where `temptable_max_mmap` allows
/// it.
fn mapped(pair: &Pair) -> Option<f64> {
    let window = pair.window_s?;
    let of = |rows: &[super::limits::TempMemoryRow]| {
        let mut rows = rows.iter();
        rows.find(|row| row.event_name.ends_with("physical_disk"))
            .map(|row| row.allocated_bytes)
    };
    let after = of(&pair.after.counted.temp_memory)?;
    let grown = after.checked_sub(of(&pair.before.counted.temp_memory)?)?;
    Some((grown as f64 / window).round())
}

/// Memory of `TempTable` in use.
fn used(pair: &Pair) -> Option<u64> {
    let mut rows = pair.after.counted.temp_memory.iter();
    rows.find(|row| row.event_name.ends_with("physical_ram"))
        .and_then(|row| u64::try_from(row.used_bytes).ok())
}

/// The connection with the largest temporary tables the server made for it, on disk.
fn largest(pair: &Pair) -> Option<(u64, u64)> {
    let spaces = pair.once.seen.temp_spaces.iter();
    spaces
        .filter(|space| space.purpose == "INTRINSIC" && space.id != 0)
        .map(|space| (space.id, space.size_bytes))
        .max_by_key(|(_, bytes)| *bytes)
}

/// Temporary tables and sorts that spill.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    let spill = memory_full(pair, &figures)
        .or_else(|| table_too_large(pair, &figures))
        .or_else(|| unattributed(pair, &figures));
    [spill, sorts(pair, &figures)]
        .into_iter()
        .flatten()
        .collect()
}

fn changed(pair: &Pair, setting: &str) -> String {
    pair.changed_at_run_time(setting)
        .map_or_else(String::new, |changed| format!(" ({changed})"))
}

fn written(figures: &Figures) -> String {
    match figures
        .written_bytes_per_s
        .filter(|bytes| *bytes >= 1_048_576.0)
    {
        Some(bytes) => format!(" ({}/s)", bytes_text(bytes)),
        None => String::new(),
    }
}

fn with_figures(mut finding: Finding, figures: &Figures) -> Finding {
    if let Some(bytes) = figures.written_bytes_per_s {
        let from = "file_summary_by_event_name innodb_temp_file";
        finding = finding.against(
            "temp_written",
            bytes,
            WRITTEN_BYTES_PER_S,
            "bytes_per_s",
            from,
        );
    }
    if let Some(disk) = figures.disk_tables_per_s {
        finding = finding.evidence(
            "disk_tables",
            disk,
            "per_s",
            "status Created_tmp_disk_tables",
        );
    }
    if let Some(bytes) = figures.largest_session_bytes {
        let from = "innodb_session_temp_tablespaces";
        finding = finding.evidence("largest_session", bytes, "bytes", from);
    }
    finding
}
