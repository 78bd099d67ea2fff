//! The condition of InnoDB in figures: from two samples of its counters and one text of its monitor.
//! Pure.

use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::Serialize;

use crate::monitor::Monitor;
use crate::variables::Variables;

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

/// The age of the latest deadlock. Both times are printed by the same clock, so their difference
/// needs no zone.
pub fn deadlock_age_s(monitor: &Monitor) -> Option<i64> {
    let now = printed_time(monitor.header.printed_at.as_deref()?)?;
    let then = printed_time(monitor.deadlock.as_ref()?.at.as_deref()?)?;
    Some(now.duration_since(then).as_secs())
}

/// `2026-11-23 07:16:32`; MariaDB prints the hour without its zero: `2026-11-23  7:16:32`.
fn printed_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(' ')?;
    format!("{date} {:0>8}", time.trim()).parse().ok()
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
