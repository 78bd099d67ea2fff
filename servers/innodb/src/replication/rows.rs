//! Rows of replication as servers give them. Every column is optional: each version has its own set.

use serde::Deserialize;

/// One row of `SHOW REPLICA STATUS`, `SHOW SLAVE STATUS` or `SHOW ALL SLAVES STATUS`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the manual's own names")]
pub struct StatusRow {
    #[serde(alias = "connection_name")]
    pub channel_name: Option<String>,
    #[serde(alias = "master_host")]
    pub source_host: Option<String>,
    #[serde(alias = "master_port")]
    pub source_port: Option<u64>,
    #[serde(alias = "slave_io_running")]
    pub replica_io_running: Option<String>,
    #[serde(alias = "slave_sql_running")]
    pub replica_sql_running: Option<String>,
    #[serde(alias = "slave_io_state")]
    pub replica_io_state: Option<String>,
    #[serde(alias = "slave_sql_running_state")]
    pub replica_sql_running_state: Option<String>,
    #[serde(alias = "master_log_file")]
    pub source_log_file: Option<String>,
    #[serde(alias = "relay_master_log_file")]
    pub relay_source_log_file: Option<String>,
    #[serde(alias = "read_master_log_pos")]
    pub read_source_log_pos: Option<u64>,
    #[serde(alias = "exec_master_log_pos")]
    pub exec_source_log_pos: Option<u64>,
    pub relay_log_space: Option<u64>,
    #[serde(alias = "seconds_behind_master")]
    pub seconds_behind_source: Option<i64>,
    pub last_io_errno: Option<u64>,
    pub last_io_error: Option<String>,
    pub last_sql_errno: Option<u64>,
    pub last_sql_error: Option<String>,
    pub sql_delay: Option<u64>,
    pub sql_remaining_delay: Option<u64>,
    pub retrieved_gtid_set: Option<String>,
    /// MariaDB.
    pub gtid_io_pos: Option<String>,
    /// MariaDB 11.6: seconds between the last event received and the last applied.
    pub master_slave_time_diff: Option<i64>,
}

/// One channel of MySQL's performance schema.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named by the probe")]
pub struct ChannelRow {
    pub channel_name: String,
    pub host: Option<String>,
    pub port: Option<u64>,
    pub heartbeat_interval_s: Option<f64>,
    /// `ON`, `OFF`, `CONNECTING`.
    pub receiver: Option<String>,
    pub receiver_error_number: Option<u64>,
    pub receiver_error: Option<String>,
    pub received: Option<String>,
    pub heartbeat_age_s: Option<f64>,
    pub queued_age_s: Option<f64>,
    pub queued_original_age_s: Option<f64>,
    /// From the commit on the direct source to the relay log.
    pub queued_late_s: Option<f64>,
    /// From the commit on the first source to that on the direct one.
    pub upstream_late_s: Option<f64>,
    pub queueing_original_age_s: Option<f64>,
    pub queueing_immediate_age_s: Option<f64>,
    pub delay_s: Option<u64>,
    pub applier: Option<String>,
    pub remaining_delay_s: Option<u64>,
    pub retries: Option<u64>,
    pub applier_error_number: Option<u64>,
    pub applier_error: Option<String>,
    pub applier_error_age_s: Option<f64>,
    pub processing_original_age_s: Option<f64>,
}

/// One applier worker of MySQL's performance schema.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named by the probe")]
pub struct WorkerRow {
    pub channel_name: String,
    pub worker_id: u64,
    /// Connection id; none once it has stopped.
    pub id: Option<u64>,
    pub service_state: Option<String>,
    pub error_number: Option<u64>,
    pub error: Option<String>,
    pub error_age_s: Option<f64>,
    /// GTID, or empty.
    pub applying: Option<String>,
    pub applying_original_age_s: Option<f64>,
    pub applying_age_s: Option<f64>,
    pub applied: Option<String>,
    pub applied_original_age_s: Option<f64>,
    /// From the commit on the first source to the end of applying; negative when clocks disagree.
    pub applied_late_s: Option<f64>,
    pub state: Option<String>,
    pub info: Option<String>,
}

/// Transactions by identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct GtidRow {
    /// `gtid_executed`, or MariaDB's `gtid_slave_pos`.
    pub executed: Option<String>,
    /// MariaDB's `gtid_binlog_state`.
    pub written: Option<String>,
    /// `server_uuid`, or MariaDB's `server_id`.
    pub own: Option<String>,
}

/// One thread of replication in the process list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named by the probe")]
pub struct ThreadRow {
    pub id: u64,
    pub user: Option<String>,
    pub host: Option<String>,
    pub command: Option<String>,
    pub time_s: Option<i64>,
    pub state: Option<String>,
    pub info: Option<String>,
}

impl ThreadRow {
    /// Whether it applies transactions on MariaDB.
    pub fn applies(&self) -> bool {
        matches!(
            self.command.as_deref(),
            Some("Slave_SQL" | "Slave_worker" | "Slave_SQL_worker")
        )
    }

    /// Whether it sends the binary log to a replica.
    pub fn sends(&self) -> bool {
        let command = self.command.as_deref();
        command.is_some_and(|command| command.starts_with("Binlog Dump"))
    }
}

/// One metadata lock of an applier thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named by the probe")]
pub struct AppliedLockRow {
    pub id: u64,
    pub object_type: Option<String>,
    pub object_schema: Option<String>,
    pub object_name: Option<String>,
    pub lock_status: Option<String>,
    pub has_key: Option<bool>,
}

/// One table of InnoDB, as `schema/table`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TableRow {
    /// Its name, with `#P#` and more for a partition.
    pub name: String,
}

/// One member of a replication group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named by the probe")]
pub struct MemberRow {
    pub member_id: String,
    pub host: Option<String>,
    pub port: Option<u64>,
    pub state: Option<String>,
    pub role: Option<String>,
    /// Transactions waiting for certification.
    pub certifying: Option<u64>,
    /// Transactions certified and not yet applied.
    pub to_apply: Option<u64>,
}

/// One instance of an Aurora cluster.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named by the probe")]
pub struct AuroraRow {
    pub server_id: String,
    /// `MASTER_SESSION_ID` for the writer.
    pub session_id: Option<String>,
    pub lag_ms: Option<f64>,
    pub updated_s_ago: Option<i64>,
    pub own: Option<String>,
}
