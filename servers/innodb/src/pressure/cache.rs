//! Caches of tables and files: tables that are opened anew at every use because the cache is too
//! small. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use storex_tool::{Confidence, Finding, Severity};

use super::samples::{Pair, round};

const RUNBOOK: &str = "innodb_pressure";
/// A cache that fits opens each table once per session and then hardly any (MySQL Reference Manual,
/// "How MySQL Opens and Closes Tables": if `Opened_tables` increases rapidly, raise
/// `table_open_cache`).
const OPENED_PER_S: f64 = 10.0;
/// As full as it gets.
const FULL: f64 = 0.95;
/// The server begins to refuse tables and connections when it has no descriptor left.
const FILES_HIGH: f64 = 0.9;

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Tables open
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_tables: Option<u64>,
    /// `table_open_cache`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_open_cache: Option<u64>,
    /// Tables opened
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_tables_per_s: Option<f64>,
    /// Tables closed because the cache was full
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overflows_per_s: Option<f64>,
    /// Share of uses that had to open the table
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miss_ratio: Option<f64>,
    /// Definitions read
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_definitions_per_s: Option<f64>,
    /// Descriptors in use
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_files: Option<u64>,
    /// `open_files_limit`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_files_limit: Option<u64>,
}

/// Reads the figures.
pub fn figures(pair: &Pair) -> Figures {
    let hits = pair.delta(&["table_open_cache_hits"]);
    let misses = pair.delta(&["table_open_cache_misses"]);
    Figures {
        open_tables: pair.now(&["open_tables"]),
        table_open_cache: pair.setting("table_open_cache"),
        opened_tables_per_s: pair.per_s(&["opened_tables"]).map(round),
        overflows_per_s: pair.per_s(&["table_open_cache_overflows"]).map(round),
        miss_ratio: hits
            .zip(misses)
            .filter(|(hits, misses)| hits + misses > 0)
            .map(|(hits, misses)| round(misses as f64 / (hits + misses) as f64)),
        opened_definitions_per_s: pair.per_s(&["opened_table_definitions"]).map(round),
        open_files: pair.now(&["open_files"]),
        open_files_limit: pair.setting("open_files_limit").filter(|limit| *limit > 0),
    }
}

/// Caches that are too small.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    [
        tables(pair, &figures),
        definitions(pair, &figures),
        files(&figures),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tables(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let opened = figures
        .opened_tables_per_s
        .filter(|opened| *opened >= OPENED_PER_S)?;
    let (open, cache) = (figures.open_tables?, figures.table_open_cache?);
    let overflows = figures.overflows_per_s.unwrap_or(0.0);
    let full = open as f64 >= FULL * cache as f64;
    if !full && overflows < OPENED_PER_S {
        return None;
    }
    let changed = pair
        .changed_at_run_time("table_open_cache")
        .map_or_else(String::new, |changed| format!(" ({changed})"));
    let finding = Finding::new(
        "table_open_cache_too_small",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "table_open_cache = {cache}{changed} is too small: {opened} tables a second are opened anew \
             and {overflows} thrown out, which makes every statement pay and wait for the table cache's \
             lock"
        ),
    )
    .against("opened_tables", opened, OPENED_PER_S, "per_s", "status Opened_tables")
    .against("open_tables", open, cache, "tables", "status Open_tables")
    .evidence("overflows", overflows, "per_s", "status Table_open_cache_overflows");
    let finding = match figures.miss_ratio {
        Some(ratio) => finding.evidence("miss_ratio", ratio, "", "status Table_open_cache_misses"),
        None => finding,
    };
    let connections = pair.now(&["threads_connected"]).unwrap_or(0);
    Some(finding.remedy(
        "raise table_open_cache: about the busiest number of connections times the tables of a join",
        "safe: dynamic; open_files_limit must have room",
        format!("some KiB and a descriptor for each table open; {connections} connections now"),
        RUNBOOK,
    ))
}

fn definitions(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let read = figures
        .opened_definitions_per_s
        .filter(|read| *read >= OPENED_PER_S)?;
    let open = pair.now(&["open_table_definitions"])?;
    let cache = pair.setting("table_definition_cache")?;
    (open as f64 >= FULL * cache as f64).then(|| {
        Finding::new(
            "table_definition_cache_too_small",
            Severity::Warning,
            Confidence::Certain,
            format!("table_definition_cache = {cache} is full: {read} definitions a second are read anew"),
        )
        .against("open_table_definitions", open, cache, "definitions", "status Open_table_definitions")
        .evidence("opened_table_definitions", read, "per_s", "status Opened_table_definitions")
        .remedy("raise table_definition_cache", "safe: dynamic", "memory", RUNBOOK)
    })
}

fn files(figures: &Figures) -> Option<Finding> {
    let (open, limit) = (figures.open_files?, figures.open_files_limit?);
    (open as f64 >= FILES_HIGH * limit as f64).then(|| {
        Finding::new(
            "open_files_near_limit",
            Severity::Warning,
            Confidence::Certain,
            format!("{open} of {limit} files the server may have open are open"),
        )
        .against("open_files", open, limit, "files", "status Open_files")
        .remedy(
            "raise open_files_limit and the service's limit (LimitNOFILE)",
            "needs a restart",
            "none",
            RUNBOOK,
        )
    })
}
