//! Temporary tables and sorts that do not fit their memory: which kind spills, against which setting,
//! and whose statement makes it. Pure.
//!
//! A temporary table leaves memory in three ways, and each is counted elsewhere: it outgrows
//! `tmp_table_size` (`Created_tmp_disk_tables`); all together outgrow `temptable_max_ram`, which
//! `Created_tmp_disk_tables` counts only in part (MySQL Reference Manual, "Internal Temporary Table Use
//! in MySQL"); or a sort outgrows `sort_buffer_size` (`Sort_merge_passes`).

use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::culprit::{Blame, Measure};
use super::samples::{Pair, bytes_text, round};
use super::work::{Who, Work};
use crate::sessions::show_statement;

const RUNBOOK: &str = "innodb_pressure";
/// Sessions busy with statements that spill, on average: one session for a tenth of the time is felt
/// by somebody.
const BUSY_SESSIONS: f64 = 0.1;
/// What goes to temporary files a second before any disk feels it.
const WRITTEN_BYTES_PER_S: f64 = 8.0 * 1_048_576.0;
/// Rows written to temporary tables a second, where nothing tells whose they are: reports that fit
/// write thousands.
const ROWS_PER_S: f64 = 10_000.0;
/// A failed write this long ago still belongs to what goes on now.
const FAILED_S: f64 = 120.0;

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

/// The connection with the largest temporary tables the server made for it, on disk.
fn largest(pair: &Pair) -> Option<(u64, u64)> {
    let spaces = pair.once.seen.temp_spaces.iter();
    spaces
        .filter(|space| space.purpose == "INTRINSIC" && space.id != 0)
        .map(|space| (space.id, space.size_bytes))
        .max_by_key(|(_, bytes)| *bytes)
}

/// Temporary tables and sorts that spill, and writes that found no room.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    let spill = memory_full(pair, &figures)
        .or_else(|| table_too_large(pair, &figures))
        .or_else(|| unattributed(pair, &figures));
    [no_room(pair), spill, sorts(pair, &figures)]
        .into_iter()
        .flatten()
        .collect()
}

/// `temptable_max_ram` is full: every temporary table made meanwhile goes to disk, whoever makes it.
fn memory_full(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let hits = figures.ram_limit_hits.unwrap_or(0);
    let is_mapped = figures.mapped_bytes_per_s.is_some_and(|bytes| bytes > 0.0);
    if hits == 0 && !is_mapped {
        return None;
    }
    let limit = pair.setting("temptable_max_ram").unwrap_or(0);
    let blame = by_session(pair)
        .or_else(|| {
            pair.culprits
                .top_of(Measure::Time, |work| work.tmp_tables > 0)
        })
        .or_else(|| pair.culprits.top(Measure::TmpTables));
    let by = blame.as_ref().map_or_else(String::new, |blame| {
        format!("; most are made by {}", blame.phrase())
    });
    let place = if is_mapped {
        "memory-mapped files"
    } else {
        "disk"
    };
    let origin = changed(pair, "temptable_max_ram");
    let finding = Finding::new(
        "temptable_max_ram_full",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "temporary tables of all sessions together fill temptable_max_ram = {}{origin}: they spill to \
             {place}{}, and Created_tmp_disk_tables does not count all of them{by}",
            bytes_text(limit as f64),
            written(figures),
        ),
    )
    .against("ram_limit_hits", hits, 0, "", "status TempTable_count_hit_max_ram");
    let finding = with_figures(finding, figures);
    let finding = match &blame {
        Some(blame) => blame.evidence(finding),
        None => finding,
    };
    Some(
        finding
            .remedy(
                "raise temptable_max_ram, if memory allows",
                "safe: dynamic, and can be set back",
                "memory, shared by all sessions",
                RUNBOOK,
            )
            .remedy(
                "have the statement group or sort fewer or narrower rows, or run fewer of it at once",
                "safe",
                "none",
                RUNBOOK,
            ),
    )
}

/// The session with the largest temporary tables on disk, and what it runs.
fn by_session(pair: &Pair) -> Option<Blame> {
    let (id, bytes) = largest(pair)?;
    let all: u64 = pair
        .once
        .seen
        .temp_spaces
        .iter()
        .map(|space| space.size_bytes)
        .sum();
    let runs = |work: &&Work| work.who.iter().any(|who| who.connections.contains(&id));
    let work = pair
        .culprits
        .works
        .iter()
        .filter(|work| work.tmp_tables > 0)
        .find(runs)?;
    let who = work.who.iter().find(|who| who.connections.contains(&id))?;
    let of_same = pair
        .once
        .seen
        .temp_spaces
        .iter()
        .filter(|space| who.connections.contains(&space.id));
    let theirs: u64 = of_same.map(|space| space.size_bytes).sum();
    Some(Blame {
        share: theirs.max(bytes) as f64 / all.max(1) as f64,
        measure: Measure::TmpDiskBytes,
        amount: theirs as f64,
        work: Some(work.clone()),
        who: Some(who.clone()),
    })
}

/// Tables that outgrow the limit of one table, by a statement that takes its time over it.
fn table_too_large(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let window = pair.window_s?;
    let spilling = || {
        pair.culprits
            .works
            .iter()
            .filter(|work| work.tmp_disk_tables > 0)
    };
    let busy = spilling().map(|work| work.time_s).sum::<f64>() / window;
    let writes = figures.written_bytes_per_s.unwrap_or(0.0);
    if spilling().count() == 0 || (busy < BUSY_SESSIONS && writes < WRITTEN_BYTES_PER_S) {
        return None;
    }
    // The one that takes longest over it, not one that makes many tiny tables.
    let blame = pair
        .culprits
        .top_of(Measure::Time, |work| work.tmp_disk_tables > 0)
        .or_else(|| pair.culprits.top(Measure::TmpDiskTables))?;
    let (setting, limit) = table_limit(pair);
    let origin = changed(pair, setting);
    let wide = match pair.server.flavour {
        Flavour::MySql => "",
        Flavour::MariaDb => " (or a TEXT or BLOB column, which MariaDB never keeps in memory)",
    };
    let amount = blame.work.as_ref().map_or(0, |work| work.tmp_disk_tables);
    let finding = Finding::new(
        "temporary_tables_spill",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "temporary tables outgrow {setting} = {}{origin}{wide} and go to disk{}: by {}",
            bytes_text(limit as f64),
            written(figures),
            blame.phrase(),
        ),
    )
    .evidence(
        "culprit_disk_tables",
        amount,
        "tables",
        "statements by digest",
    )
    .against(
        "busy_sessions",
        round(busy),
        BUSY_SESSIONS,
        "sessions",
        "time of statements that spill",
    );
    let finding = blame.evidence(with_figures(finding, figures));
    Some(table_remedies(finding, setting))
}

fn table_remedies(finding: Finding, setting: &str) -> Finding {
    let both = if setting == "max_heap_table_size" || setting == "tmp_memory_table_size" {
        "tmp_memory_table_size and max_heap_table_size (the smaller one holds)"
    } else {
        setting
    };
    finding
        .remedy(
            format!("raise {both}, for that user's sessions first; open sessions keep the old value"),
            "safe: dynamic, and can be set back",
            "memory for each temporary table made",
            RUNBOOK,
        )
        .remedy(
            "have the statement group or sort fewer or narrower rows, or give it an index for its order",
            "safe",
            "an index costs space and writes",
            RUNBOOK,
        )
}

/// The setting that limits one table, and its value: on MariaDB the smaller of two.
fn table_limit(pair: &Pair) -> (&'static str, u64) {
    let heap = pair.setting("max_heap_table_size");
    let engine = pair.once.settings.text("internal_tmp_mem_storage_engine");
    let first = match pair.server.flavour {
        Flavour::MySql => ("tmp_table_size", pair.setting("tmp_table_size")),
        Flavour::MariaDb => (
            "tmp_memory_table_size",
            pair.setting("tmp_memory_table_size")
                .or_else(|| pair.setting("tmp_table_size")),
        ),
    };
    let heap_counts = pair.server.flavour == Flavour::MariaDb || engine == Some("MEMORY");
    match (first.1, heap) {
        (Some(table), Some(heap)) if heap_counts && heap < table => ("max_heap_table_size", heap),
        (Some(table), _) => (first.0, table),
        (None, heap) => (first.0, heap.unwrap_or(0)),
    }
}

/// Without the performance schema: the counters move, and a session is seen in a state of writing one.
fn unattributed(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let disk = figures.disk_tables_per_s.filter(|disk| *disk > 0.0)?;
    let rows = figures.rows_per_s.filter(|rows| *rows >= ROWS_PER_S)?;
    if !pair.after.digests.is_empty() {
        return None;
    }
    let seen = pair.after.processes.iter().chain(&pair.before.processes);
    let process = seen
        .filter(|row| spills_now(row.state.as_deref().unwrap_or_default()))
        .max_by(|a, b| a.time_ms.total_cmp(&b.time_ms))?;
    let (setting, limit) = table_limit(pair);
    let host = process.host.as_deref().unwrap_or_default();
    let who = Who {
        user: process.user.clone(),
        host: Some(
            host.rsplit_once(':')
                .map_or(host, |(name, _)| name)
                .to_owned(),
        ),
        ..Who::default()
    };
    let text = show_statement(process.info.as_deref().unwrap_or_default(), false, 160);
    let finding = Finding::new(
        "temporary_tables_spill",
        Severity::Warning,
        Confidence::Possible,
        format!(
            "temporary tables go to disk, against {setting} = {} (or for a TEXT or BLOB column): {rows:.0} \
             rows a second are written to them; {} was seen writing one, running {text}",
            bytes_text(limit as f64),
            who.phrase(),
        ),
    )
    .evidence("disk_tables", disk, "per_s", "status Created_tmp_disk_tables")
    .against("temporary_rows", rows, ROWS_PER_S, "per_s", "status Handler_tmp_write");
    Some(table_remedies(finding, setting))
}

fn spills_now(state: &str) -> bool {
    let state = state.to_lowercase();
    [
        "tmp table",
        "temporary table",
        "heap to",
        "sorting result",
        "creating sort index",
    ]
    .iter()
    .any(|part| state.contains(part))
}

/// Sorts that do not fit their buffer.
fn sorts(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let window = pair.window_s?;
    let merging = pair
        .culprits
        .works
        .iter()
        .filter(|work| work.sort_merge_passes > 0);
    let busy = merging.map(|work| work.time_s).sum::<f64>() / window;
    if busy < BUSY_SESSIONS {
        return None;
    }
    let blame = pair
        .culprits
        .top_of(Measure::Time, |work| work.sort_merge_passes > 0)
        .or_else(|| pair.culprits.top(Measure::SortMergePasses))?;
    let size = pair.setting("sort_buffer_size").unwrap_or(0);
    let passes = figures.sort_merge_passes_per_s.unwrap_or(0.0);
    let origin = changed(pair, "sort_buffer_size");
    let finding = Finding::new(
        "sorts_spill",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "sorts do not fit sort_buffer_size = {}{origin} and merge runs from disk ({passes} passes a \
             second): by {}",
            bytes_text(size as f64),
            blame.phrase(),
        ),
    )
    .evidence("sort_merge_passes", passes, "per_s", "status Sort_merge_passes")
    .against("busy_sessions", round(busy), BUSY_SESSIONS, "sessions", "time of statements that merge");
    Some(
        blame
            .evidence(finding)
            .remedy(
                "raise sort_buffer_size for that user's sessions; open sessions keep the old value",
                "safe: dynamic, and can be set back; not for everyone at once",
                "memory for each sort",
                RUNBOOK,
            )
            .remedy(
                "give the statement an index in its order, or sort fewer or narrower rows",
                "safe",
                "an index costs space and writes",
                RUNBOOK,
            ),
    )
}

/// Statements that failed because `tmpdir`, or another disk, has no room.
fn no_room(pair: &Pair) -> Option<Finding> {
    let failed: Vec<_> = pair
        .once
        .seen
        .failed
        .iter()
        .filter(|row| row.age_ps / 1e12 <= FAILED_S && tells_no_room(row.message.as_deref()))
        .collect();
    let latest = failed.first()?;
    let who = Who {
        user: latest.user.clone(),
        host: latest.host.clone(),
        ..Who::default()
    };
    let message = Untrusted::text(latest.message.as_deref().unwrap_or_default(), 160);
    let statement = show_statement(latest.sql_text.as_deref().unwrap_or_default(), false, 120);
    let tmpdir = Untrusted::text(pair.once.settings.text("tmpdir").unwrap_or_default(), 80);
    let age = latest.age_ps / 1e12;
    Some(
        Finding::new(
            "no_room_for_temporary_files",
            Severity::Critical,
            Confidence::Certain,
            format!(
                "{} statements failed because they could not write (tmpdir is {tmpdir}), the latest {age:.0} \
                 s ago: {message}, {} running {statement}",
                failed.len(),
                who.phrase(),
            ),
        )
        .evidence("failed_statements", failed.len(), "statements", "events_statements_history")
        .evidence("error", latest.number, "", "events_statements_history")
        .remedy(
            "free space in tmpdir, or end the statement that fills it",
            "safe; the server removes its own files when their statement ends",
            "none",
            RUNBOOK,
        ),
    )
}

fn tells_no_room(message: Option<&str>) -> bool {
    let message = message.unwrap_or_default().to_lowercase();
    [
        "no space left",
        "errno 28",
        "errno: 28",
        "errcode: 28",
        "disk full",
        "is full",
    ]
    .iter()
    .any(|part| message.contains(part))
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
