//! Flushing: how many pages are dirty, whether the page cleaners are at their limit, and whether
//! sessions wait for a free page. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use storex_tool::{Confidence, Finding, Severity};

use super::culprit::Measure;
use super::pool;
use super::samples::{Pair, round};

const RUNBOOK: &str = "innodb_pressure";
/// Share of `innodb_max_dirty_pages_pct` from which flushing works at `innodb_io_capacity` and more
/// (MySQL Reference Manual, "Configuring Buffer Pool Flushing").
const DIRTY_NEAR_MAX: f64 = 0.75;
/// The default of `innodb_max_dirty_pages_pct` of both servers.
const MAX_DIRTY_PCT: f64 = 90.0;
/// The rate at which flushing works grows with the share of dirty pages, up to the limits (MySQL
/// Reference Manual, "Configuring Buffer Pool Flushing"): with this share of its limit in use, or
/// more, and this much of the pool dirty, it is the limit that holds it.
const IN_USE: f64 = 0.2;
const BACKLOG_PCT: f64 = 50.0;
/// Batches are finished, and MySQL does not count apart what it flushes to make room: up to this many
/// times the limit were seen on a server held by it.
const OVERSHOOT: f64 = 3.0;
/// A backlog that is gone within this time needs nothing done.
const GONE_S: f64 = 60.0;
/// A disk that takes longer than this for a page is busy itself.
const BUSY_WRITE_MS: f64 = 10.0;

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Modified pages, of all with data, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dirty_pct: Option<f64>,
    /// `innodb_max_dirty_pages_pct`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_dirty_pct: Option<f64>,
    /// How fast modified pages grow; negative when they shrink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dirty_growth_pages_per_s: Option<f64>,
    /// Pages written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flushed_pages_per_s: Option<f64>,
    /// Of those, to make room in the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lru_flushed_pages_per_s: Option<f64>,
    /// `innodb_io_capacity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_capacity: Option<u64>,
    /// `innodb_io_capacity_max`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_capacity_max: Option<u64>,
    /// Waits of sessions for a free page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_page_waits_per_s: Option<f64>,
    /// Pages written to the doublewrite buffer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doublewrite_pages_per_s: Option<f64>,
}

/// Reads the figures; none on Aurora, whose storage nodes make pages from redo.
pub fn figures(pair: &Pair) -> Figures {
    if pair.is_aurora() {
        return Figures::default();
    }
    let dirty = pair.now(&["innodb_buffer_pool_pages_dirty"]);
    let total = pair
        .now(&["innodb_buffer_pool_pages_total"])
        .filter(|total| *total > 0);
    let growth = dirty
        .zip(pair.then(&["innodb_buffer_pool_pages_dirty"]))
        .zip(pair.window_s);
    Figures {
        dirty_pct: dirty
            .zip(total)
            .map(|(dirty, total)| round(dirty as f64 / total as f64 * 100.0)),
        max_dirty_pct: pair.setting_ratio("innodb_max_dirty_pages_pct"),
        dirty_growth_pages_per_s: growth
            .map(|((now, then), window)| round((now as f64 - then as f64) / window)),
        flushed_pages_per_s: pair.per_s(&["innodb_buffer_pool_pages_flushed"]).map(round),
        lru_flushed_pages_per_s: pair
            .per_s(&[
                "innodb_buffer_pool_pages_lru_flushed",
                "buffer_lru_batch_flush_total_pages",
            ])
            .map(round),
        io_capacity: pair.setting("innodb_io_capacity"),
        io_capacity_max: pair.setting("innodb_io_capacity_max"),
        free_page_waits_per_s: pair.per_s(&["innodb_buffer_pool_wait_free"]).map(round),
        doublewrite_pages_per_s: pair.per_s(&["innodb_dblwr_pages_written"]).map(round),
    }
}

/// Flushing at its limit, and sessions that wait for free pages.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    [
        at_capacity(pair, &figures).or_else(|| dirty(pair, &figures)),
        free_page_waits(pair, &figures),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Much is dirty, pages are flushed as fast as the settings allow, and the disk could do more.
///
/// Pages flushed to make room (LRU flushing) are not under these limits.
fn at_capacity(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let flushed = figures.flushed_pages_per_s?;
    let listed = flushed - figures.lru_flushed_pages_per_s.unwrap_or(0.0);
    let limit = figures.io_capacity?;
    let max = figures.io_capacity_max.unwrap_or(limit).max(limit);
    let in_use = listed >= limit as f64 * IN_USE && listed <= max as f64 * OVERSHOOT;
    let backlog = figures.dirty_pct? >= BACKLOG_PCT;
    let shrinks = shrinks(pair, figures);
    let disk_busy = write_ms(pair).is_some_and(|write| write >= BUSY_WRITE_MS);
    if !(backlog && in_use) || shrinks || disk_busy {
        return None;
    }
    let finding = Finding::new(
        "io_capacity_limits_flushing",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "innodb_io_capacity ({}) holds page flushing to {flushed:.0} pages/s while dirty pages fill {:.0} % \
             of the buffer pool{}",
            setting_text(pair, "innodb_io_capacity", limit),
            figures.dirty_pct.unwrap_or(0.0),
            writer(pair),
        ),
    )
    .against(
        "flushed_pages",
        flushed,
        limit,
        "per_s",
        "status Innodb_buffer_pool_pages_flushed",
    )
    .evidence(
        "dirty_pages",
        figures.dirty_pct,
        "%",
        "status Innodb_buffer_pool_pages_dirty",
    )
    .evidence(
        "page_write_latency",
        write_ms(pair).map(round),
        "ms",
        "file_summary_by_event_name innodb_data_file",
    );
    Some(blamed(pair, finding).remedy(
        "raise innodb_io_capacity and innodb_io_capacity_max to what the disk can do",
        "safe: dynamic, and can be set back",
        "more write I/O; on a slow disk reads wait longer",
        RUNBOOK,
    ))
}

/// Whether the dirty pages go down at a pace at which they are gone within a minute or so.
fn shrinks(pair: &Pair, figures: &Figures) -> bool {
    let dirty = pair.now(&["innodb_buffer_pool_pages_dirty"]).unwrap_or(0);
    figures
        .dirty_growth_pages_per_s
        .is_some_and(|growth| growth < 0.0 && -growth * GONE_S >= dirty as f64)
}

/// How long the disk took for a page written.
fn write_ms(pair: &Pair) -> Option<f64> {
    let file = pair.file("innodb/innodb_data_file")?;
    (file.writes > 0).then(|| file.write_ps as f64 / file.writes as f64 / 1e9)
}

/// Much is dirty: near the maximum whoever wrote it, and from half of the pool on where one writer
/// stands out, as a load does.
fn dirty(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let pct = figures.dirty_pct?;
    let max = figures.max_dirty_pct.unwrap_or(MAX_DIRTY_PCT).max(1.0);
    let near = pct >= max * DIRTY_NEAR_MAX;
    let loaded = pct >= BACKLOG_PCT && pair.culprits.top(Measure::RowsAffected).is_some();
    if !near && !loaded {
        return None;
    }
    let shrinks = shrinks(pair, figures);
    let severity = if near && !shrinks {
        Severity::Warning
    } else {
        Severity::Info
    };
    let movement = if shrinks {
        " and being flushed down"
    } else {
        ""
    };
    let finding = Finding::new(
        "dirty_pages_high",
        severity,
        Confidence::Certain,
        format!(
            "{pct:.0} % of the buffer pool is dirty{movement}; near innodb_max_dirty_pages_pct ({max:.0}) \
             flushing turns aggressive{}",
            writer(pair),
        ),
    )
    .against("dirty_pages", pct, max, "%", "status Innodb_buffer_pool_pages_dirty");
    let finding = match (figures.flushed_pages_per_s, figures.io_capacity) {
        (Some(flushed), Some(limit)) => {
            let from = "status Innodb_buffer_pool_pages_flushed, against innodb_io_capacity";
            finding.against("flushed_pages", flushed, limit, "per_s", from)
        }
        _ => finding,
    };
    Some(blamed(pair, finding))
}

fn free_page_waits(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let waits = figures.free_page_waits_per_s.filter(|waits| *waits > 0.0)?;
    // Where more pages are read than written it is reads that need them: the pool's finding.
    let read = pool::figures(pair).pages_read_per_s;
    let by_writes = figures.flushed_pages_per_s >= read;
    let finding = Finding::new(
        "free_page_waits",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "{waits} times a second a session waits for a free page: pages are needed faster than they are \
             flushed and freed{}",
            if by_writes { writer(pair) } else { String::new() }
        ),
    )
    .against(
        "free_page_waits",
        waits,
        0,
        "per_s",
        "status Innodb_buffer_pool_wait_free",
    );
    let finding = if by_writes {
        blamed(pair, finding)
    } else {
        finding
    };
    Some(finding.remedy(
        "raise innodb_io_capacity, innodb_lru_scan_depth or the buffer pool",
        "safe: dynamic, and can be set back",
        "write I/O or memory",
        RUNBOOK,
    ))
}

fn writer(pair: &Pair) -> String {
    let blame = pair.culprits.top(Measure::RowsAffected);
    blame.map_or_else(String::new, |blame| {
        format!("; most is written by {}", blame.phrase())
    })
}

fn blamed(pair: &Pair, finding: Finding) -> Finding {
    match pair.culprits.top(Measure::RowsAffected) {
        Some(blame) => blame.evidence(finding),
        None => finding,
    }
}

fn setting_text(pair: &Pair, name: &str, value: u64) -> String {
    match pair.changed_at_run_time(name) {
        Some(changed) => format!("{value}, {changed}"),
        None => value.to_string(),
    }
}
