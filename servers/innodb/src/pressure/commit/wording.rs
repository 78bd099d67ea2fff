//! What commits cost, in words and as evidence.

use storex_tool::Finding;

use super::{COMMITTING, FEW_ROWS, Figures, SYNC_BUSY};

/// `; 462 disk synchronisations a second of 0.96 ms each, 44 % of the time`.
pub(super) fn synced(figures: &Figures) -> String {
    let (rate, each) = match (figures.binlog_syncs_per_s, figures.redo_syncs_per_s) {
        (Some(binlog), redo) if binlog >= redo.unwrap_or(0.0) / 2.0 => {
            (binlog, figures.ms_per_binlog_sync)
        }
        (_, Some(redo)) => (redo, figures.ms_per_redo_sync),
        (Some(binlog), None) => (binlog, figures.ms_per_binlog_sync),
        (None, None) => return String::new(),
    };
    let each = each.map_or_else(String::new, |ms| format!(" of {ms} ms each"));
    let busy = figures.sync_busy_ratio.map_or_else(String::new, |busy| {
        format!(", {:.0} % of the time", busy * 100.0)
    });
    format!("; {rate:.0} disk synchronisations a second{each}{busy}")
}

/// ` (innodb_flush_log_at_trx_commit = 1, sync_binlog = 1)`.
pub(super) fn settings(figures: &Figures) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(flush) = figures.flush_log_at_commit {
        parts.push(format!("innodb_flush_log_at_trx_commit = {flush}"));
    }
    if let Some(sync) = figures.sync_binlog {
        parts.push(format!("sync_binlog = {sync}"));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

/// Adds what each commit costs.
pub(super) fn with_costs(mut finding: Finding, figures: &Figures) -> Finding {
    let from = "difference of two samples";
    if let Some(busy) = figures.sync_busy_ratio {
        finding = finding.against("sync_busy_ratio", busy, SYNC_BUSY, "", from);
    }
    let committing = figures.committing;
    finding = finding.against(
        "committing",
        committing,
        COMMITTING,
        "sessions",
        "session states",
    );
    if let Some(rows) = figures.rows_per_commit {
        finding = finding.against("rows_per_commit", rows, FEW_ROWS, "rows", from);
    }
    if let Some(group) = figures.commits_per_group {
        finding = finding.evidence("commits_per_group", group, "commits", from);
    }
    if let Some(ms) = figures.ms_per_redo_sync {
        finding = finding.evidence("ms_per_redo_sync", ms, "ms", from);
    }
    if let Some(ms) = figures.ms_per_binlog_sync {
        finding = finding.evidence("ms_per_binlog_sync", ms, "ms", from);
    }
    finding
}
