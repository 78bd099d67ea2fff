//! What is unusual about InnoDB's figures. Pure. Each threshold names where it comes from.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity};

use crate::condition::{Gauges, Rates};
use crate::monitor::Monitor;

const RUNBOOK: &str = "innodb_status";
/// Latches are held for microseconds; InnoDB itself reports waits from 240 s and aborts at 600 s
/// (`innodb_fatal_semaphore_wait_threshold`).
const LATCH_WAIT_S: f64 = 2.0;
const LATCH_WAIT_CRITICAL_S: f64 = 60.0;
/// Purge keeps the list short unless something holds it (MySQL Reference Manual, "Purge
/// Configuration"); from a million on, reads that walk old versions crawl.
const HISTORY_LONG: u64 = 100_000;
const HISTORY_CRITICAL: u64 = 1_000_000;
/// Share of the limit at which flushing turns aggressive (asynchronous preflush point, 7/8 of the
/// redo capacity in MySQL; `max_modified_age_async`) and at which writers wait.
const CHECKPOINT_HIGH: f64 = 0.75;
const CHECKPOINT_CRITICAL: f64 = 0.95;
/// Pages that had to be read for page requests: one in twenty is a working set that does not fit.
const MISS_RATIO: f64 = 0.05;
const MISSES_PER_S: f64 = 200.0;
/// Sessions waiting for row locks at once.
const ROW_LOCK_QUEUE: u64 = 3;

/// What is unusual, worst first.
pub fn findings(rates: &Rates, gauges: &Gauges, monitor: &Monitor, instance: &str) -> Vec<Finding> {
    let all = [
        latch(gauges, monitor),
        checkpoint(gauges),
        history(gauges, instance),
        row_locks(gauges, instance),
        deadlocks(rates, gauges, instance),
        misses(rates),
    ];
    all.into_iter().flatten().collect()
}

fn latch(gauges: &Gauges, monitor: &Monitor) -> Option<Finding> {
    let waited = gauges
        .longest_latch_wait_s
        .filter(|waited| *waited >= LATCH_WAIT_S)?;
    let waits = monitor
        .semaphores
        .as_ref()
        .map_or(0, |semaphores| semaphores.waits.len());
    let severity = if waited >= LATCH_WAIT_CRITICAL_S {
        Severity::Critical
    } else {
        Severity::Warning
    };
    Some(
        Finding::new(
            "long_latch_wait",
            severity,
            Confidence::Certain,
            format!(
                "{waits} threads wait for internal latches, the longest for {waited} s; at 600 s the server \
                 kills itself"
            ),
        )
        .against("longest_latch_wait", waited, LATCH_WAIT_S, "s", "innodb monitor, SEMAPHORES"),
    )
}

fn checkpoint(gauges: &Gauges) -> Option<Finding> {
    let (age, limit) = (
        gauges.checkpoint_age_bytes?,
        gauges.checkpoint_age_limit_bytes?,
    );
    let share = age as f64 / limit.max(1) as f64;
    if share < CHECKPOINT_HIGH {
        return None;
    }
    let severity = if share >= CHECKPOINT_CRITICAL {
        Severity::Critical
    } else {
        Severity::Warning
    };
    Some(
        Finding::new(
            "checkpoint_age_high",
            severity,
            Confidence::Certain,
            format!(
                "checkpoint age is {:.0} % of its limit: page flushing is forced and writers will stall",
                share * 100.0
            ),
        )
        .against("checkpoint_age", age, limit, "bytes", "innodb monitor, LOG")
        .remedy(
            "raise innodb_redo_log_capacity (MySQL 8.0.30+) or innodb_log_file_size (MariaDB 10.9+)",
            "safe: dynamic, and can be set back",
            "disk space; recovery after a crash takes longer",
            RUNBOOK,
        ),
    )
}

fn history(gauges: &Gauges, instance: &str) -> Option<Finding> {
    let length = gauges
        .history_list_length
        .filter(|length| *length >= HISTORY_LONG)?;
    let severity = if length >= HISTORY_CRITICAL {
        Severity::Critical
    } else {
        Severity::Warning
    };
    Some(
        Finding::new(
            "history_list_long",
            severity,
            Confidence::Certain,
            format!("purge has {length} undo log records still to remove: something holds it, or it cannot keep up"),
        )
        .against("history_list_length", length, HISTORY_LONG, "records", "innodb monitor, TRANSACTIONS")
        .next("innodb_transactions", json!({ "instance": instance })),
    )
}

fn row_locks(gauges: &Gauges, instance: &str) -> Option<Finding> {
    let waiting = gauges
        .row_lock_waits_now
        .filter(|waiting| *waiting >= ROW_LOCK_QUEUE)?;
    Some(
        Finding::new(
            "row_lock_queue",
            Severity::Warning,
            Confidence::Certain,
            format!("{waiting} sessions wait for row locks at this moment"),
        )
        .against(
            "row_lock_waits_now",
            waiting,
            ROW_LOCK_QUEUE,
            "sessions",
            "status Innodb_row_lock_current_waits",
        )
        .next("innodb_lock_waits", json!({ "instance": instance })),
    )
}

fn deadlocks(rates: &Rates, gauges: &Gauges, instance: &str) -> Option<Finding> {
    let rate = rates.deadlocks_per_s.filter(|rate| *rate > 0.0)?;
    let finding = Finding::new(
        "deadlocks_now",
        Severity::Warning,
        Confidence::Certain,
        format!("{rate} deadlocks a second are being resolved by rolling a transaction back"),
    )
    .evidence("deadlocks", rate, "per_s", "difference of two samples")
    .next("innodb_deadlocks", json!({ "instance": instance }));
    Some(match gauges.latest_deadlock_age_s {
        Some(age) => finding.evidence("latest_deadlock_age", age, "s", "innodb monitor"),
        None => finding,
    })
}

fn misses(rates: &Rates) -> Option<Finding> {
    let ratio = rates.miss_ratio.filter(|ratio| *ratio >= MISS_RATIO)?;
    let reads = rates
        .pages_read_per_s
        .filter(|reads| *reads >= MISSES_PER_S)?;
    Some(
        Finding::new(
            "buffer_pool_misses",
            Severity::Warning,
            Confidence::Possible,
            format!(
                "{:.0} % of page requests read from disk ({reads} pages/s): a scan is passing through, or \
                 the working set does not fit the buffer pool",
                ratio * 100.0
            ),
        )
        .against("miss_ratio", ratio, MISS_RATIO, "", "difference of two samples"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redo_log_near_its_limit_is_told_and_a_half_full_one_is_not() {
        let gauges = |age| Gauges {
            checkpoint_age_bytes: Some(age),
            checkpoint_age_limit_bytes: Some(100),
            ..Gauges::default()
        };
        let ids = |age| {
            let found = findings(&Rates::default(), &gauges(age), &Monitor::default(), "shop");
            found
                .iter()
                .map(|finding| (finding.id, finding.severity))
                .collect::<Vec<_>>()
        };
        assert!(ids(50).is_empty());
        assert_eq!(ids(80), [("checkpoint_age_high", Severity::Warning)]);
        assert_eq!(ids(97), [("checkpoint_age_high", Severity::Critical)]);
    }
}
