//! Temporary tables that leave memory: against which limit, and by whose statement.

use std::cmp::Ordering;

use storex_sources::{Flavour, Version};
use storex_tool::{Confidence, Finding, Severity};

use super::super::culprit::{Blame, Measure};
use super::super::rows::ProcessRow;
use super::super::samples::{Pair, bytes_text, round};
use super::super::work::{Who, Work};
use super::{
    BUSY_SESSIONS, Figures, ROWS_PER_S, RUNBOOK, WRITTEN_BYTES_PER_S, changed, largest, used,
    with_figures, written,
};
use crate::sessions::{show_statement, without_port};

/// As full as it gets.
const FULL: f64 = 0.95;
/// Before this version `tmp_table_size` does not limit tables of the `TempTable` engine (MySQL Reference
/// Manual, "Server System Variables": from 8.0.28 on it does).
const LIMITS_ONE_TABLE: Version = Version {
    major: 8,
    minor: 0,
    patch: 28,
};

/// `temptable_max_ram` is full: every temporary table made meanwhile goes to disk, whoever makes it.
pub(super) fn memory_full(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let hits = figures.ram_limit_hits.unwrap_or(0);
    let is_mapped = figures.mapped_bytes_per_s.is_some_and(|bytes| bytes > 0.0);
    let limit = pair.setting("temptable_max_ram").unwrap_or(0);
    let spills = figures.disk_tables_per_s.is_some_and(|disk| disk > 0.0);
    // Versions that do not count the hits still say how much is in use.
    let is_full = limit > 0 && used(pair).is_some_and(|used| used as f64 >= FULL * limit as f64);
    if hits == 0 && !is_mapped && !(is_full && spills) {
        return None;
    }
    let blame = by_session(pair)
        .or_else(|| {
            pair.culprits
                .top_of(Measure::Time, |work| work.tmp_tables > 0)
        })
        .or_else(|| pair.culprits.top(Measure::TmpTables))
        .map(|blame| pair.with_program(blame));
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
pub(super) fn table_too_large(pair: &Pair, figures: &Figures) -> Option<Finding> {
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
        .or_else(|| pair.culprits.top(Measure::TmpDiskTables))
        .map(|blame| pair.with_program(blame))?;
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
    let version = pair.server.version;
    if pair.server.flavour == Flavour::MySql
        && version < LIMITS_ONE_TABLE
        && engine != Some("MEMORY")
    {
        let ram = pair.setting("temptable_max_ram").unwrap_or(0);
        return ("temptable_max_ram", ram);
    }
    let heap_counts = pair.server.flavour == Flavour::MariaDb || engine == Some("MEMORY");
    match (first.1, heap) {
        (Some(table), Some(heap)) if heap_counts && heap < table => ("max_heap_table_size", heap),
        (Some(table), _) => (first.0, table),
        (None, heap) => (first.0, heap.unwrap_or(0)),
    }
}

/// Without the performance schema: the counters move, and a session is seen in a state of writing one.
pub(super) fn unattributed(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let disk = figures.disk_tables_per_s.filter(|disk| *disk > 0.0)?;
    let rows = figures.rows_per_s.filter(|rows| *rows >= ROWS_PER_S)?;
    if !pair.after.digests.is_empty() {
        return None;
    }
    let seen = pair.after.processes.iter().chain(&pair.before.processes);
    let process = seen
        .filter(|row| spills_now(row) || needs_temporary_table(row))
        .max_by(|a, b| {
            (spills_now(a), a.time_ms)
                .partial_cmp(&(spills_now(b), b.time_ms))
                .unwrap_or(Ordering::Equal)
        })?;
    let (setting, limit) = table_limit(pair);
    let host = process.host.as_deref().unwrap_or_default();
    let who = Who {
        user: process.user.clone(),
        host: Some(without_port(host).to_owned()),
        ..Who::default()
    };
    let text = show_statement(process.info.as_deref().unwrap_or_default(), false, 160);
    let finding = Finding::new(
        "temporary_tables_spill",
        Severity::Warning,
        Confidence::Possible,
        format!(
            "temporary tables go to disk, against {setting} = {} (or for a TEXT or BLOB column): {rows:.0} \
             rows a second are written to them; {} was seen running {text}",
            bytes_text(limit as f64),
            who.phrase(),
        ),
    )
    .evidence("disk_tables", disk, "per_s", "status Created_tmp_disk_tables")
    .against("temporary_rows", rows, ROWS_PER_S, "per_s", "status Handler_tmp_write");
    Some(table_remedies(finding, setting))
}

fn spills_now(row: &ProcessRow) -> bool {
    let state = row.state.as_deref().unwrap_or_default().to_lowercase();
    ["tmp table", "temporary table", "heap to"]
        .iter()
        .any(|part| state.contains(part))
}

/// Groups, sorts or removes duplicates: what temporary tables are made for.
fn needs_temporary_table(row: &ProcessRow) -> bool {
    let text = row.info.as_deref().unwrap_or_default().to_uppercase();
    ["GROUP BY", "ORDER BY", "DISTINCT", "UNION"]
        .iter()
        .any(|part| text.contains(part))
}
