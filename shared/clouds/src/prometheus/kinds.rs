//! What the figures of a series are, told from what the store knows of it or from its name.

use std::collections::HashMap;

use storex_series::{Kind, Unit};

/// What a store says of the types of series, by name.
#[derive(Debug, Default)]
pub(super) struct Types(HashMap<String, bool>);

impl Types {
    /// A series that has this type in the store's metadata.
    pub(super) fn note(&mut self, name: String, kind: &str) {
        match kind {
            "counter" => self.0.insert(name, true),
            "gauge" => self.0.insert(name, false),
            // `untyped`, `unknown`, and what has parts with names of their own.
            _ => None,
        };
    }

    /// How the figures of a series are to be read. Status variables are untyped in the exporter.
    pub(super) fn kind(&self, name: &str) -> Kind {
        let is_counter = match name {
            name if MISLABELLED.contains(&name) => false,
            name if COUNTED.contains(&name) => true,
            name => self.0.get(name).copied().unwrap_or_else(|| by_name(name)),
        };
        if is_counter {
            Kind::Counter
        } else {
            Kind::Gauge
        }
    }
}

/// Typed as counters by `mysqld_exporter`, and none.
const MISLABELLED: &[&str] = &[
    "mysql_info_schema_innodb_metrics_lock_lock_row_lock_current_waits_total",
    "mysql_info_schema_innodb_cmpmem_pages_free_total",
    "mysql_info_schema_innodb_cmpmem_pages_used_total",
];

/// Typed as gauges by `mysqld_exporter` because MariaDB calls them values, and counted.
const COUNTED: &[&str] = &[
    "mysql_info_schema_innodb_metrics_lock_lock_deadlocks",
    "mysql_info_schema_innodb_metrics_lock_lock_timeouts",
];

fn by_name(name: &str) -> bool {
    if let Some(status) = name.strip_prefix("mysql_global_status_") {
        return !is_status_of_now(status);
    }
    ["_total", "_sum", "_count", "_bucket"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Status variables that stand for their moment; all others are counted
/// (<https://dev.mysql.com/doc/refman/9.7/en/server-status-variables.html>,
/// <https://mariadb.com/kb/en/server-status-variables/>).
fn is_status_of_now(status: &str) -> bool {
    NOW.contains(&status)
        || NOW_BEGINNINGS
            .iter()
            .any(|beginning| status.starts_with(beginning))
        || NOW_ENDINGS.iter().any(|ending| status.ends_with(ending))
}

const NOW: &[&str] = &[
    "buffer_pool_dirty_pages",
    "buffer_pool_pages",
    "binlog_snapshot_position",
    "compression",
    "global_connection_memory",
    "last_query_cost",
    "max_used_connections",
    "memory_used",
    "memory_used_initial",
    "not_flushed_delayed_rows",
    "ongoing_anonymous_transaction_count",
    "open_files",
    "open_streams",
    "open_table_definitions",
    "open_tables",
    "prepared_stmt_count",
    "qcache_free_blocks",
    "qcache_free_memory",
    "qcache_queries_in_cache",
    "qcache_total_blocks",
    "resource_group_supported",
    "rocksdb_block_cache_usage",
    "slave_heartbeat_period",
    "slave_running",
    "slaves_connected",
    "slaves_running",
    "stack_usage",
    "table_open_cache_active_instances",
    "tc_log_max_pages_used",
    "tc_log_page_size",
    "threads_cached",
    "threads_connected",
    "threads_running",
    "threadpool_idle_threads",
    "threadpool_threads",
    "wsrep",
    "wsrep_thread_count",
    "innodb_checkpoint_age",
    "innodb_checkpoint_max_age",
    "innodb_history_list_length",
    "innodb_available_undo_logs",
    "innodb_ibuf_free_list",
    "innodb_ibuf_segment_size",
    "innodb_ibuf_size",
    "innodb_max_trx_id",
    "innodb_num_open_files",
    "innodb_page_size",
    "innodb_row_lock_current_waits",
    "innodb_row_lock_time_avg",
    "innodb_row_lock_time_max",
    "delayed_insert_threads",
    "error_log_latest_write",
    "key_blocks_not_flushed",
    "key_blocks_unused",
    "key_blocks_used",
    "key_blocks_warm",
    "uptime",
    "uptime_since_flush_status",
    "aria_pagecache_blocks_not_flushed",
    "aria_pagecache_blocks_unused",
    "aria_pagecache_blocks_used",
    "ssl_session_cache_size",
    "ssl_session_cache_timeout",
    "ssl_ctx_verify_depth",
    "ssl_ctx_verify_mode",
    "ssl_default_timeout",
    "ssl_used_session_cache_entries",
    "ssl_verify_depth",
    "ssl_verify_mode",
];

const NOW_BEGINNINGS: &[&str] = &[
    "acl_",
    "error_log_buffered_",
    "innodb_buffer_pool_bytes_",
    "innodb_buffer_pool_load_",
    "innodb_buffer_pool_pages_",
    "innodb_buffer_pool_resize_status_",
    "innodb_data_pending_",
    "innodb_encryption_rotation_estimated_",
    "innodb_have_",
    "innodb_mem_",
    "innodb_onlineddl_",
    "innodb_os_log_pending_",
    "innodb_redo_log_",
    "innodb_undo_tablespaces_",
    "option_tracker_usage_",
    "telemetry_",
    "wsrep_cluster_",
    "wsrep_local_recv_queue",
    "wsrep_local_send_queue",
    "wsrep_flow_control_paused",
    "wsrep_cert_deps_",
    "wsrep_apply_",
    "wsrep_commit_",
];

const NOW_ENDINGS: &[&str] = &[
    "_open_temp_tables",
    "rpl_semi_sync_master_clients",
    "rpl_semi_sync_source_clients",
    "_status",
    "_connected",
    "_ready",
    "_index",
    "_timestamp",
    "_max_used_connections_time",
    "_wait_sessions",
    "_avg_wait_time",
    "_thread_count",
    "used_connections_time",
];

/// What the figures of a series are in, as its name ends in the way names should.
pub(super) fn unit(name: &str) -> Unit {
    let name = name
        .strip_suffix("_total")
        .or_else(|| name.strip_suffix("_sum"))
        .unwrap_or(name);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[
        "_bytes",
        "_bytes_sent",
        "_bytes_received",
        "_bytes_data",
        "_bytes_dirty",
    ]) || name.ends_with("status_bytes_sent")
    {
        Unit::Bytes
    } else if ends(&["_seconds"]) {
        Unit::Seconds
    } else if ends(&["_ratio"]) {
        Unit::Share
    } else {
        Unit::Count
    }
}

/// Whether a series tells of the exporter or of the scrape, not of the server or its host.
pub(super) fn is_of_the_exporter(name: &str) -> bool {
    [
        "go_",
        "process_",
        "promhttp_",
        "scrape_",
        "mysql_exporter_",
        "mysqld_exporter_",
        "node_exporter_",
        "node_scrape_",
        "net_conntrack_",
        "vm_",
    ]
    .iter()
    .any(|beginning| name.starts_with(beginning))
        || name == "up"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_variables_are_counted_unless_they_stand_for_now() {
        let types = Types::default();
        for name in [
            "queries",
            "innodb_row_lock_time",
            "innodb_os_log_written",
            "aborted_clients",
        ] {
            let name = format!("mysql_global_status_{name}");
            assert_eq!(types.kind(&name), Kind::Counter, "{name}");
        }
        for name in [
            "threads_running",
            "innodb_redo_log_current_lsn",
            "open_tables",
            "uptime",
        ] {
            let name = format!("mysql_global_status_{name}");
            assert_eq!(types.kind(&name), Kind::Gauge, "{name}");
        }
    }

    #[test]
    fn what_the_store_knows_counts_more_than_the_name_but_not_than_what_we_know() {
        let mut types = Types::default();
        types.note("a_total".to_owned(), "gauge");
        types.note("b".to_owned(), "counter");
        types.note("c_total".to_owned(), "unknown");
        types.note(MISLABELLED[0].to_owned(), "counter");
        assert_eq!(types.kind("a_total"), Kind::Gauge);
        assert_eq!(types.kind("b"), Kind::Counter);
        assert_eq!(types.kind("c_total"), Kind::Counter);
        assert_eq!(types.kind(MISLABELLED[0]), Kind::Gauge);
    }

    #[test]
    fn units_are_told_from_names() {
        assert_eq!(unit("node_disk_read_bytes_total"), Unit::Bytes);
        assert_eq!(unit("mysql_global_status_bytes_sent"), Unit::Bytes);
        assert_eq!(unit("node_cpu_seconds_total"), Unit::Seconds);
        assert_eq!(unit("mysql_global_status_queries"), Unit::Count);
    }
}
