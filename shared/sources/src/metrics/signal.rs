//! The vocabulary of signals: one name, unit and meaning whatever store the figures come from. How each
//! store spells them is the business of its source.

use storex_series::Unit;

/// Which of the things one looks at first a signal belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Golden {
    /// Whether it answers at all.
    Availability,
    /// How much it is asked to do.
    Load,
    /// How long it takes.
    Latency,
    /// What fails.
    Errors,
    /// What is used up or waited for.
    Saturation,
    /// Who is connected.
    Connections,
    /// Rows and bytes moved.
    Throughput,
    /// Processor.
    Cpu,
    /// Disk.
    Io,
    /// Memory, room on disk, network.
    Host,
    /// How far behind a replica is.
    Replication,
}

impl Golden {
    /// As answers write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Load => "load",
            Self::Latency => "latency",
            Self::Errors => "errors",
            Self::Saturation => "saturation",
            Self::Connections => "connections",
            Self::Throughput => "throughput",
            Self::Cpu => "cpu",
            Self::Io => "io",
            Self::Host => "host",
            Self::Replication => "replication",
        }
    }
}

/// Which way a change of a signal is for the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Worse {
    /// More is worse.
    Up,
    /// Less is worse.
    Down,
    /// Either may be the trouble: load that vanished is as telling as load that doubled.
    Both,
}

/// A figure that means the same wherever it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Signal {
    /// `snake_case`, with its unit.
    pub name: &'static str,
    /// What it belongs to.
    pub golden: Golden,
    /// What it is in.
    pub unit: Unit,
    /// Which way is worse.
    pub worse: Worse,
    /// What it is, in words, with the status variable it comes from where it is one
    /// (<https://dev.mysql.com/doc/refman/9.7/en/server-status-variables.html>).
    pub meaning: &'static str,
}

/// The signal of that name.
pub fn signal(name: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|signal| signal.name == name)
}

const fn row(
    name: &'static str,
    golden: Golden,
    unit: Unit,
    worse: Worse,
    meaning: &'static str,
) -> Signal {
    Signal {
        name,
        golden,
        unit,
        worse,
        meaning,
    }
}

/// Every signal, the more telling ones of each kind first.
#[rustfmt::skip]
pub static SIGNALS: &[Signal] = &[
    row("up", Golden::Availability, Unit::Count, Worse::Down, "whether the figures' collector could reach the server: 1 or 0"),
    row("qps", Golden::Load, Unit::PerSecond, Worse::Both, "statements the server ran, those of stored programs too (`Queries`)"),
    row("questions_per_s", Golden::Load, Unit::PerSecond, Worse::Both, "statements clients sent (`Questions`)"),
    row("selects_per_s", Golden::Load, Unit::PerSecond, Worse::Both, "SELECT statements (`Com_select`)"),
    row("writes_per_s", Golden::Load, Unit::PerSecond, Worse::Both, "INSERT, REPLACE, UPDATE and DELETE statements (`Com_*`)"),
    row("commits_per_s", Golden::Load, Unit::PerSecond, Worse::Both, "COMMIT statements (`Com_commit`); transactions of one statement with autocommit are not among them"),
    row("threads_running", Golden::Load, Unit::Count, Worse::Up, "sessions that run a statement (`Threads_running`)"),
    row("statement_latency_s", Golden::Latency, Unit::Seconds, Worse::Up, "time a statement took on average over the step"),
    row("row_lock_wait_sessions", Golden::Latency, Unit::Count, Worse::Up, "sessions that waited for a row lock on average over the step (`Innodb_row_lock_time`)"),
    row("read_latency_s", Golden::Latency, Unit::Seconds, Worse::Up, "time a read of the storage took on average over the step"),
    row("write_latency_s", Golden::Latency, Unit::Seconds, Worse::Up, "time a write to the storage took on average over the step"),
    row("commit_latency_s", Golden::Latency, Unit::Seconds, Worse::Up, "time a commit took on average over the step"),
    row("connection_errors_per_s", Golden::Errors, Unit::PerSecond, Worse::Up, "connections refused, all reasons (`Connection_errors_*`)"),
    row("connections_refused_full_per_s", Golden::Errors, Unit::PerSecond, Worse::Up, "connections refused because `max_connections` were in use (`Connection_errors_max_connections`)"),
    row("aborted_connects_per_s", Golden::Errors, Unit::PerSecond, Worse::Up, "attempts to connect that failed (`Aborted_connects`)"),
    row("aborted_clients_per_s", Golden::Errors, Unit::PerSecond, Worse::Up, "connections that ended without being closed (`Aborted_clients`)"),
    row("deadlocks_per_s", Golden::Errors, Unit::PerSecond, Worse::Up, "transactions rolled back to end a deadlock"),
    row("rollbacks_per_s", Golden::Errors, Unit::PerSecond, Worse::Up, "ROLLBACK statements (`Com_rollback`)"),
    row("connections", Golden::Connections, Unit::Count, Worse::Up, "open connections (`Threads_connected`)"),
    row("connections_used_share", Golden::Connections, Unit::Share, Worse::Up, "open connections of those allowed (`Threads_connected` of `max_connections`)"),
    row("new_connections_per_s", Golden::Connections, Unit::PerSecond, Worse::Both, "attempts to connect (`Connections`)"),
    row("threads_created_per_s", Golden::Connections, Unit::PerSecond, Worse::Up, "threads made for connections because the cache had none (`Threads_created`)"),
    row("row_lock_waits_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "times a session began to wait for a row lock (`Innodb_row_lock_waits`)"),
    row("row_locks_waited_for", Golden::Saturation, Unit::Count, Worse::Up, "row locks waited for now (`Innodb_row_lock_current_waits`)"),
    row("history_list_length", Golden::Saturation, Unit::Count, Worse::Up, "undo logs of committed transactions that wait for purge"),
    row("checkpoint_age_bytes", Golden::Saturation, Unit::Bytes, Worse::Up, "redo written since the last checkpoint"),
    row("checkpoint_age_share", Golden::Saturation, Unit::Share, Worse::Up, "redo written since the last checkpoint, of the age at which writers must wait"),
    row("redo_waits_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "times the redo log buffer was too small to write on (`Innodb_log_waits`)"),
    row("buffer_pool_waits_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "times a session waited for a free page (`Innodb_buffer_pool_wait_free`)"),
    row("buffer_pool_miss_share", Golden::Saturation, Unit::Share, Worse::Up, "page requests that had to read from disk (`Innodb_buffer_pool_reads` of `_read_requests`)"),
    row("buffer_pool_dirty_share", Golden::Saturation, Unit::Share, Worse::Up, "pages of the buffer pool not yet written (`Innodb_buffer_pool_pages_dirty`)"),
    row("slow_queries_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "statements that took longer than `long_query_time` (`Slow_queries`)"),
    row("full_scans_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "statements that scanned their first table (`Select_scan`)"),
    row("full_joins_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "joins without an index (`Select_full_join`)"),
    row("tmp_disk_tables_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "internal temporary tables on disk (`Created_tmp_disk_tables`)"),
    row("tmp_tables_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "internal temporary tables (`Created_tmp_tables`)"),
    row("sort_merge_passes_per_s", Golden::Saturation, Unit::PerSecond, Worse::Up, "passes that merged sorts too large for memory (`Sort_merge_passes`)"),
    row("rows_scanned_per_s", Golden::Throughput, Unit::PerSecond, Worse::Up, "rows read by going on to the next one (`Handler_read_rnd_next`)"),
    row("rows_read_per_s", Golden::Throughput, Unit::PerSecond, Worse::Both, "rows InnoDB read (`Innodb_rows_read`)"),
    row("rows_changed_per_s", Golden::Throughput, Unit::PerSecond, Worse::Both, "rows InnoDB inserted, updated and deleted (`Innodb_rows_*`)"),
    row("bytes_sent_per_s", Golden::Throughput, Unit::BytesPerSecond, Worse::Both, "bytes sent to clients (`Bytes_sent`)"),
    row("bytes_received_per_s", Golden::Throughput, Unit::BytesPerSecond, Worse::Both, "bytes received from clients (`Bytes_received`)"),
    row("redo_written_bytes_per_s", Golden::Throughput, Unit::BytesPerSecond, Worse::Both, "redo written (`Innodb_os_log_written`)"),
    row("fsyncs_per_s", Golden::Io, Unit::PerSecond, Worse::Up, "flushes of files to disk (`Innodb_data_fsyncs`, and of the redo log)"),
    row("data_reads_per_s", Golden::Io, Unit::PerSecond, Worse::Up, "reads of InnoDB's files (`Innodb_data_reads`)"),
    row("data_writes_per_s", Golden::Io, Unit::PerSecond, Worse::Up, "writes to InnoDB's files (`Innodb_data_writes`)"),
    row("read_iops", Golden::Io, Unit::PerSecond, Worse::Up, "reads of the host's or volume's disks"),
    row("write_iops", Golden::Io, Unit::PerSecond, Worse::Up, "writes to the host's or volume's disks"),
    row("read_bytes_per_s", Golden::Io, Unit::BytesPerSecond, Worse::Up, "bytes read from the host's or volume's disks"),
    row("write_bytes_per_s", Golden::Io, Unit::BytesPerSecond, Worse::Up, "bytes written to the host's or volume's disks"),
    row("disk_busy_share", Golden::Io, Unit::Share, Worse::Up, "time the busiest disk had work"),
    row("disk_queue", Golden::Io, Unit::Count, Worse::Up, "requests to the disks that were waiting or served on average"),
    row("cpu_util", Golden::Cpu, Unit::Share, Worse::Up, "processor time in use, of all processors of the host"),
    row("cpu_iowait_share", Golden::Cpu, Unit::Share, Worse::Up, "processor time spent waiting for disks"),
    row("memory_available_bytes", Golden::Host, Unit::Bytes, Worse::Down, "memory that programs can still get"),
    row("swap_used_bytes", Golden::Host, Unit::Bytes, Worse::Up, "memory moved to disk"),
    row("disk_free_bytes", Golden::Host, Unit::Bytes, Worse::Down, "room left where the data is, in the fullest file system"),
    row("network_in_bytes_per_s", Golden::Host, Unit::BytesPerSecond, Worse::Both, "bytes the host received"),
    row("network_out_bytes_per_s", Golden::Host, Unit::BytesPerSecond, Worse::Both, "bytes the host sent"),
    row("replication_lag_s", Golden::Replication, Unit::Seconds, Worse::Up, "how far a replica is behind, as the server or its operator tells it"),
    row("replication_running", Golden::Replication, Unit::Count, Worse::Down, "whether a replica's threads run: 1 or 0"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_told_apart_and_carry_their_unit() {
        let names: BTreeSet<&str> = SIGNALS.iter().map(|signal| signal.name).collect();
        assert_eq!(names.len(), SIGNALS.len());
        for signal in SIGNALS {
            let ending = match signal.unit {
                Unit::PerSecond => ["_per_s", "qps", "iops"].as_slice(),
                Unit::BytesPerSecond => {
                    &["_bytes_per_s", "bytes_sent_per_s", "bytes_received_per_s"]
                }
                Unit::Bytes => &["_bytes"],
                Unit::Seconds => &["_s"],
                Unit::Share => &["_share", "_util"],
                Unit::Count => &[""],
            };
            assert!(
                ending.iter().any(|ending| signal.name.ends_with(ending)),
                "{} is in {:?}",
                signal.name,
                signal.unit
            );
        }
    }
}
