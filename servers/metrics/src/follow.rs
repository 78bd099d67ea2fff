//! Where to look further, by what left its normal.

use serde_json::{Value, json};
use storex_series::Grid;
use storex_tool::Finding;

/// The tool that tells the cause of a change of a signal, and whether it takes a window.
const TOOLS: [(&str, &[&str], bool); 7] = [
    (
        "innodb_lock_waits",
        &[
            "row_lock_wait_sessions",
            "row_lock_waits_per_s",
            "row_locks_waited_for",
        ],
        false,
    ),
    ("innodb_transactions", &["history_list_length"], false),
    ("innodb_deadlocks", &["deadlocks_per_s"], false),
    (
        "innodb_replication",
        &["replication_lag_s", "replication_running"],
        false,
    ),
    (
        "innodb_pressure",
        &[
            "checkpoint_age_bytes",
            "checkpoint_age_share",
            "redo_waits_per_s",
            "redo_written_bytes_per_s",
            "buffer_pool_waits_per_s",
            "buffer_pool_miss_share",
            "buffer_pool_dirty_share",
            "connections",
            "connections_used_share",
            "connections_refused_full_per_s",
            "connection_errors_per_s",
            "threads_running",
            "fsyncs_per_s",
            "commit_latency_s",
            "write_latency_s",
            "read_latency_s",
            "tmp_tables_per_s",
        ],
        false,
    ),
    (
        "slowlog_errors",
        &["aborted_connects_per_s", "aborted_clients_per_s", "up"],
        true,
    ),
    (
        "slowlog_compare",
        &[
            "statement_latency_s",
            "slow_queries_per_s",
            "full_scans_per_s",
            "full_joins_per_s",
            "tmp_disk_tables_per_s",
            "sort_merge_passes_per_s",
            "rows_scanned_per_s",
            "rows_read_per_s",
            "rows_changed_per_s",
            "bytes_sent_per_s",
            "qps",
            "questions_per_s",
            "selects_per_s",
            "writes_per_s",
            "cpu_util",
        ],
        true,
    ),
];

/// Adds the tools that look into a change of these signals from `onset` on, two at most.
pub(crate) fn follow(
    mut finding: Finding,
    instance: &str,
    names: &[&str],
    grid: &Grid,
    onset: usize,
) -> Finding {
    let mut told: Vec<&str> = Vec::new();
    for name in names {
        let tool = TOOLS.iter().find(|(_, signals, _)| signals.contains(name));
        let Some((tool, _, takes_window)) = tool.filter(|(tool, ..)| !told.contains(tool)) else {
            continue;
        };
        if told.len() == 2 {
            break;
        }
        told.push(tool);
        finding = finding.next(tool, arguments(instance, *takes_window, grid, onset));
    }
    finding
}

fn arguments(instance: &str, takes_window: bool, grid: &Grid, onset: usize) -> Value {
    if takes_window {
        let (from, to) = (grid.at(onset).to_string(), grid.end().to_string());
        json!({ "instance": instance, "from": from, "to": to })
    } else {
        json!({ "instance": instance })
    }
}

#[cfg(test)]
mod tests {
    use storex_sources::signal;

    use super::*;

    #[test]
    fn every_name_is_a_signal_and_stands_once() {
        let names: Vec<&str> = TOOLS
            .iter()
            .flat_map(|(_, names, _)| names.iter().copied())
            .collect();
        for name in &names {
            assert!(signal(name).is_some(), "{name}");
            assert_eq!(
                names.iter().filter(|other| *other == name).count(),
                1,
                "{name}"
            );
        }
    }
}
