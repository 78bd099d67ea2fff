//! The condition of InnoDB from two samples of its counters and one text of its monitor, and what is
//! unusual about it. Pure. Each threshold names where it comes from.

use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use storex_tool::{Confidence, Finding, Severity};

use crate::monitor::Monitor;
use crate::variables::Variables;

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

/// Figures of the window between two samples; absent where this server does not count them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
#[serde(default)]
pub struct Rates {
    /// Rows read
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_read_per_s: Option<f64>,
    /// Rows inserted, updated, deleted
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_written_per_s: Option<f64>,
    /// Pages read from disk
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages_read_per_s: Option<f64>,
    /// Share of page requests that had to read
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miss_ratio: Option<f64>,
    /// Redo written
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redo_bytes_per_s: Option<f64>,
    /// Flushes to disk
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fsyncs_per_s: Option<f64>,
    /// Row lock waits begun
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_lock_waits_per_s: Option<f64>,
    /// Deadlocks
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadlocks_per_s: Option<f64>,
}

/// Figures of this moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Gauges {
    /// Undo log records purge has still to remove
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_list_length: Option<u64>,
    /// Redo not yet checkpointed
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_age_bytes: Option<u64>,
    /// Where flushing turns aggressive
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_age_limit_bytes: Option<u64>,
    /// Sessions waiting for a row lock
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_lock_waits_now: Option<u64>,
    /// Share of buffer pool pages modified
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dirty_ratio: Option<f64>,
    /// Longest wait for an internal latch
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_latch_wait_s: Option<f64>,
    /// Age of the latest deadlock
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_deadlock_age_s: Option<i64>,
}

/// One sample of counters.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    /// `SHOW GLOBAL STATUS`.
    pub status: Variables,
    /// `innodb_metrics`, on MySQL.
    pub metrics: Variables,
}

impl Counters {
    fn first(&self, names: &[&str]) -> Option<u64> {
        names
            .iter()
            .find_map(|name| self.status.count(name).or_else(|| self.metrics.count(name)))
    }
}

/// The difference of two samples `seconds` apart. A counter that went backwards (a restart, a reset)
/// gives no figure.
pub fn rates(before: &Counters, after: &Counters, seconds: f64) -> Rates {
    let delta = |names: &[&str]| {
        let difference = after.first(names)?.checked_sub(before.first(names)?)?;
        Some(difference as f64)
    };
    let per_s = |names: &[&str]| {
        delta(names)
            .filter(|_| seconds > 0.0)
            .map(|d| round(d / seconds))
    };
    let written = [
        "innodb_rows_inserted",
        "innodb_rows_updated",
        "innodb_rows_deleted",
    ];
    let rows_written = written
        .iter()
        .map(|name| per_s(&[name]))
        .sum::<Option<f64>>();
    let requests = delta(&["innodb_buffer_pool_read_requests"]);
    let reads = delta(&["innodb_buffer_pool_reads"]);
    Rates {
        rows_read_per_s: per_s(&["innodb_rows_read"]),
        rows_written_per_s: rows_written.map(round),
        pages_read_per_s: per_s(&["innodb_buffer_pool_reads"]),
        miss_ratio: match (reads, requests) {
            (Some(reads), Some(requests)) if requests > 0.0 => {
                Some((reads / requests * 1e4).round() / 1e4)
            }
            _ => None,
        },
        redo_bytes_per_s: per_s(&["innodb_os_log_written"])
            .or_else(|| per_s(&["innodb_lsn_current"])),
        fsyncs_per_s: per_s(&["innodb_data_fsyncs"]),
        row_lock_waits_per_s: per_s(&["innodb_row_lock_waits"]),
        deadlocks_per_s: per_s(&["innodb_deadlocks", "lock_deadlocks"]),
    }
}

/// The figures of this moment.
pub fn gauges(monitor: &Monitor, now: &Counters) -> Gauges {
    let log = monitor.redo_log.as_ref();
    let transactions = monitor.transactions.as_ref();
    let limit = now.first(&["log_max_modified_age_async", "innodb_checkpoint_max_age"]);
    let latch_waits = monitor
        .semaphores
        .iter()
        .flat_map(|semaphores| &semaphores.waits);
    let pages = monitor.buffer_pool.as_ref().map(|pool| &pool.total);
    let dirty = pages.and_then(|pages| Some((pages.modified_pages?, pages.database_pages?)));
    Gauges {
        history_list_length: transactions
            .and_then(|transactions| transactions.history_list_length)
            .or_else(|| now.first(&["innodb_history_list_length", "trx_rseg_history_len"])),
        checkpoint_age_bytes: log.and_then(|log| log.checkpoint_age_bytes),
        checkpoint_age_limit_bytes: limit
            .or_else(|| log.and_then(|log| log.max_checkpoint_age_bytes)),
        row_lock_waits_now: now.first(&["innodb_row_lock_current_waits"]),
        dirty_ratio: dirty
            .filter(|(_, all)| *all > 0)
            .map(|(modified, all)| (modified as f64 / all as f64 * 100.0).round() / 100.0),
        longest_latch_wait_s: latch_waits.map(|wait| wait.waited_s).reduce(f64::max),
        latest_deadlock_age_s: deadlock_age_s(monitor),
    }
}

/// Both times are printed by the same clock, so their difference needs no zone.
fn deadlock_age_s(monitor: &Monitor) -> Option<i64> {
    let now = printed_time(monitor.header.printed_at.as_deref()?)?;
    let then = printed_time(monitor.deadlock.as_ref()?.at.as_deref()?)?;
    Some(now.duration_since(then).as_secs())
}

/// `2026-11-23 07:16:32`; MariaDB prints the hour without its zero: `2026-11-23  7:16:32`.
fn printed_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(' ')?;
    format!("{date} {:0>8}", time.trim()).parse().ok()
}

/// What is unusual, worst first.
pub fn findings(rates: &Rates, gauges: &Gauges, monitor: &Monitor, instance: &str) -> Vec<Finding> {
    let all = [
        latch(gauges, monitor),
        checkpoint(gauges),
        history(gauges, instance),
        row_locks(gauges, instance),
        deadlocks(rates, gauges),
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

fn deadlocks(rates: &Rates, gauges: &Gauges) -> Option<Finding> {
    let rate = rates.deadlocks_per_s.filter(|rate| *rate > 0.0)?;
    let finding = Finding::new(
        "deadlocks_now",
        Severity::Warning,
        Confidence::Certain,
        format!("{rate} deadlocks a second are being resolved by rolling a transaction back"),
    )
    .evidence("deadlocks", rate, "per_s", "difference of two samples");
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

fn round(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::VariableRow;

    fn counters(pairs: &[(&str, &str)]) -> Counters {
        let row = |(name, value): &(&str, &str)| VariableRow {
            variable_name: (*name).into(),
            value: (*value).into(),
        };
        Counters {
            status: Variables::of(pairs.iter().map(row).collect()),
            ..Counters::default()
        }
    }

    #[test]
    fn figures_are_differences_and_a_reset_gives_none() {
        let before = counters(&[("Innodb_rows_read", "1000"), ("Innodb_data_fsyncs", "900")]);
        let after = counters(&[("Innodb_rows_read", "3000"), ("Innodb_data_fsyncs", "10")]);
        let rates = rates(&before, &after, 2.0);
        assert_eq!(rates.rows_read_per_s, Some(1000.0));
        assert_eq!(rates.fsyncs_per_s, None);
    }

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

    #[test]
    fn the_age_of_a_deadlock_is_told_from_the_monitors_own_clock() {
        let mut monitor = Monitor::default();
        monitor.header.printed_at = Some("2026-11-23 07:16:41".into());
        monitor.deadlock = Some(crate::monitor::Deadlock {
            at: Some("2026-11-23  7:16:32".into()),
            ..Default::default()
        });
        let age = gauges(&monitor, &Counters::default()).latest_deadlock_age_s;
        assert_eq!(age, Some(9));
    }
}
