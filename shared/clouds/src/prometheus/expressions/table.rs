//! The table: one row for each signal that an exporter tells.

use super::{Form, Raw, Spelling};
use crate::prometheus::selector::Of;

const EXPORTER: &str =
    "scrape the server with mysqld_exporter (0.14 or later) and check the selector";
const HOST: &str =
    "name the series of the host's node_exporter in the inventory, and let it be scraped";
const INNODB_METRICS: &str = "let mysqld_exporter run with --collect.info_schema.innodb_metrics";
const LOG_METRICS: &str = "let mysqld_exporter run with --collect.info_schema.innodb_metrics, and on MySQL \
    set innodb_monitor_enable = 'log_%'";
const STATEMENTS: &str =
    "let mysqld_exporter run with --collect.perf_schema.eventsstatementssum (0.14 or later)";
const FILES: &str = "let node_exporter of the host be scraped, or mysqld_exporter run with \
    --collect.perf_schema.file_events";
const REPLICA: &str = "only a replica has it; let mysqld_exporter run with --collect.slave_status, \
    0.15 or later for MySQL 8.4 and later";

const fn of(metric: &'static str) -> Raw {
    Raw {
        metric,
        labels: &[],
    }
}

const fn with(metric: &'static str, labels: &'static [(&'static str, &'static str)]) -> Raw {
    Raw { metric, labels }
}

const fn status(signal: &'static str, form: Form) -> Spelling {
    Spelling {
        signal,
        of: Of::Database,
        form,
        needs: EXPORTER,
    }
}

const fn needing(needs: &'static str, signal: &'static str, form: Form) -> Spelling {
    Spelling {
        signal,
        of: Of::Database,
        form,
        needs,
    }
}

const fn host(signal: &'static str, form: Form) -> Spelling {
    Spelling {
        signal,
        of: Of::Host,
        form,
        needs: HOST,
    }
}

/// Disks that are parts of others are left out, and so is what is no disk.
pub(in crate::prometheus) static TABLE: &[Spelling] = &[
    status("up", Form::Last(&[of("mysql_up")])),
    status("qps", Form::Rate(&[of("mysql_global_status_queries")])),
    status(
        "questions_per_s",
        Form::Rate(&[of("mysql_global_status_questions")]),
    ),
    status(
        "selects_per_s",
        Form::Rate(&[with(
            "mysql_global_status_commands_total",
            &[("command", "select")],
        )]),
    ),
    status(
        "writes_per_s",
        Form::Text(
            "max(sum without (command) (rate(mysql_global_status_commands_total\
         {command=~\"insert|insert_select|replace|replace_select|update|update_multi|delete|delete_multi\"}[$w])))",
        ),
    ),
    status(
        "commits_per_s",
        Form::Rate(&[with(
            "mysql_global_status_commands_total",
            &[("command", "commit")],
        )]),
    ),
    status(
        "threads_running",
        Form::Last(&[of("mysql_global_status_threads_running")]),
    ),
    // Picoseconds are seconds already in the exporter; the plugin of Percona and MariaDB counts as well.
    needing(
        STATEMENTS,
        "statement_latency_s",
        Form::Text(
            "max(rate(mysql_perf_schema_events_statements_sum_timer_wait[$w]) \
         / (rate(mysql_perf_schema_events_statements_sum_total[$w]) > 0)) \
         or max(rate(mysql_info_schema_query_response_time_seconds_sum[$w]) \
         / (rate(mysql_info_schema_query_response_time_seconds_count[$w]) > 0))",
        ),
    ),
    // Milliseconds waited per second.
    status(
        "row_lock_wait_sessions",
        Form::Text("max(rate(mysql_global_status_innodb_row_lock_time[$w])) / 1000"),
    ),
    needing(
        FILES,
        "read_latency_s",
        Form::Text(
            "sum(rate(node_disk_read_time_seconds_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w])) \
         / (sum(rate(node_disk_reads_completed_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w])) > 0) \
         or max(rate(mysql_perf_schema_file_events_seconds_total\
         {event_name=\"wait/io/file/innodb/innodb_data_file\",mode=\"read\"}[$w]) \
         / (rate(mysql_perf_schema_file_events_total\
         {event_name=\"wait/io/file/innodb/innodb_data_file\",mode=\"read\"}[$w]) > 0))",
        ),
    ),
    needing(
        FILES,
        "write_latency_s",
        Form::Text(
            "sum(rate(node_disk_write_time_seconds_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w])) \
         / (sum(rate(node_disk_writes_completed_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w])) > 0) \
         or max(rate(mysql_perf_schema_file_events_seconds_total\
         {event_name=\"wait/io/file/innodb/innodb_data_file\",mode=\"write\"}[$w]) \
         / (rate(mysql_perf_schema_file_events_total\
         {event_name=\"wait/io/file/innodb/innodb_data_file\",mode=\"write\"}[$w]) > 0))",
        ),
    ),
    status(
        "connection_errors_per_s",
        Form::Text(
            "max(sum without (error) (rate(mysql_global_status_connection_errors_total[$w])))",
        ),
    ),
    status(
        "connections_refused_full_per_s",
        Form::Rate(&[with(
            "mysql_global_status_connection_errors_total",
            &[("error", "max_connections")],
        )]),
    ),
    status(
        "aborted_connects_per_s",
        Form::Rate(&[of("mysql_global_status_aborted_connects")]),
    ),
    status(
        "aborted_clients_per_s",
        Form::Rate(&[of("mysql_global_status_aborted_clients")]),
    ),
    needing(
        INNODB_METRICS,
        "deadlocks_per_s",
        Form::Rate(&[
            // MariaDB and Percona Server.
            of("mysql_global_status_innodb_deadlocks"),
            of("mysql_info_schema_innodb_metrics_lock_lock_deadlocks_total"),
            of("mysql_info_schema_innodb_metrics_lock_lock_deadlocks"),
        ]),
    ),
    status(
        "rollbacks_per_s",
        Form::Rate(&[with(
            "mysql_global_status_commands_total",
            &[("command", "rollback")],
        )]),
    ),
    status(
        "connections",
        Form::Last(&[of("mysql_global_status_threads_connected")]),
    ),
    status(
        "connections_used_share",
        Form::Text(
            "max(mysql_global_status_threads_connected / mysql_global_variables_max_connections)",
        ),
    ),
    status(
        "new_connections_per_s",
        Form::Rate(&[of("mysql_global_status_connections")]),
    ),
    status(
        "threads_created_per_s",
        Form::Rate(&[of("mysql_global_status_threads_created")]),
    ),
    status(
        "row_lock_waits_per_s",
        Form::Rate(&[of("mysql_global_status_innodb_row_lock_waits")]),
    ),
    status(
        "row_locks_waited_for",
        Form::Last(&[of("mysql_global_status_innodb_row_lock_current_waits")]),
    ),
    needing(
        INNODB_METRICS,
        "history_list_length",
        Form::Last(&[
            of("mysql_info_schema_innodb_metrics_transaction_trx_rseg_history_len"),
            of("mysql_global_status_innodb_history_list_length"),
        ]),
    ),
    // MariaDB; MySQL from 8.0.30 on; before that the metrics, which MySQL 5.7 and MariaDB count to `recovery`.
    needing(
        LOG_METRICS,
        "checkpoint_age_bytes",
        Form::Text(
            "max(mysql_global_status_innodb_checkpoint_age) \
         or max(mysql_global_status_innodb_redo_log_current_lsn \
         - mysql_global_status_innodb_redo_log_checkpoint_lsn) \
         or max(mysql_info_schema_innodb_metrics_log_log_lsn_checkpoint_age) \
         or max(mysql_info_schema_innodb_metrics_recovery_log_lsn_checkpoint_age)",
        ),
    ),
    needing(
        LOG_METRICS,
        "checkpoint_age_share",
        Form::Text(
            "max(mysql_global_status_innodb_checkpoint_age / mysql_global_status_innodb_checkpoint_max_age) \
         or max(mysql_info_schema_innodb_metrics_log_log_lsn_checkpoint_age \
         / mysql_info_schema_innodb_metrics_log_log_max_modified_age_sync) \
         or max(mysql_info_schema_innodb_metrics_recovery_log_lsn_checkpoint_age \
         / mysql_info_schema_innodb_metrics_recovery_log_max_modified_age_sync)",
        ),
    ),
    status(
        "redo_waits_per_s",
        Form::Rate(&[of("mysql_global_status_innodb_log_waits")]),
    ),
    status(
        "buffer_pool_waits_per_s",
        Form::Rate(&[of("mysql_global_status_innodb_buffer_pool_wait_free")]),
    ),
    status(
        "buffer_pool_miss_share",
        Form::Text(
            "max(rate(mysql_global_status_innodb_buffer_pool_reads[$w]) \
         / (rate(mysql_global_status_innodb_buffer_pool_read_requests[$w]) > 0))",
        ),
    ),
    // `old` is a part of `data`.
    status(
        "buffer_pool_dirty_share",
        Form::Text(
            "max(mysql_global_status_buffer_pool_dirty_pages \
         / sum without (state) (mysql_global_status_buffer_pool_pages{state=~\"data|free|misc\"}))",
        ),
    ),
    status(
        "slow_queries_per_s",
        Form::Rate(&[of("mysql_global_status_slow_queries")]),
    ),
    status(
        "full_scans_per_s",
        Form::Rate(&[of("mysql_global_status_select_scan")]),
    ),
    status(
        "full_joins_per_s",
        Form::Rate(&[of("mysql_global_status_select_full_join")]),
    ),
    status(
        "tmp_disk_tables_per_s",
        Form::Rate(&[of("mysql_global_status_created_tmp_disk_tables")]),
    ),
    status(
        "tmp_tables_per_s",
        Form::Rate(&[of("mysql_global_status_created_tmp_tables")]),
    ),
    status(
        "sort_merge_passes_per_s",
        Form::Rate(&[of("mysql_global_status_sort_merge_passes")]),
    ),
    status(
        "rows_scanned_per_s",
        Form::Rate(&[with(
            "mysql_global_status_handlers_total",
            &[("handler", "read_rnd_next")],
        )]),
    ),
    // MariaDB from 10.3 on has no Innodb_rows_*: what it counts in the server stands for it.
    status(
        "rows_read_per_s",
        Form::Rate(&[
            with(
                "mysql_global_status_innodb_row_ops_total",
                &[("operation", "read")],
            ),
            of("mysql_global_status_rows_read"),
        ]),
    ),
    status(
        "rows_changed_per_s",
        Form::Text(
            "max(sum without (operation) (rate(mysql_global_status_innodb_row_ops_total\
         {operation=~\"inserted|updated|deleted\"}[$w]))) \
         or max(sum without (handler) (rate(mysql_global_status_handlers_total\
         {handler=~\"write|update|delete\"}[$w])))",
        ),
    ),
    status(
        "bytes_sent_per_s",
        Form::Rate(&[of("mysql_global_status_bytes_sent")]),
    ),
    status(
        "bytes_received_per_s",
        Form::Rate(&[of("mysql_global_status_bytes_received")]),
    ),
    status(
        "redo_written_bytes_per_s",
        Form::Rate(&[of("mysql_global_status_innodb_os_log_written")]),
    ),
    // MariaDB has no count of the redo log's.
    status(
        "fsyncs_per_s",
        Form::Text(
            "max(rate(mysql_global_status_innodb_data_fsyncs[$w]) \
         + rate(mysql_global_status_innodb_os_log_fsyncs[$w])) \
         or max(rate(mysql_global_status_innodb_data_fsyncs[$w]))",
        ),
    ),
    status(
        "data_reads_per_s",
        Form::Rate(&[of("mysql_global_status_innodb_data_reads")]),
    ),
    status(
        "data_writes_per_s",
        Form::Rate(&[of("mysql_global_status_innodb_data_writes")]),
    ),
    host(
        "read_iops",
        Form::Text(
            "sum(rate(node_disk_reads_completed_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w]))",
        ),
    ),
    host(
        "write_iops",
        Form::Text(
            "sum(rate(node_disk_writes_completed_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w]))",
        ),
    ),
    host(
        "read_bytes_per_s",
        Form::Text(
            "sum(rate(node_disk_read_bytes_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w]))",
        ),
    ),
    host(
        "write_bytes_per_s",
        Form::Text(
            "sum(rate(node_disk_written_bytes_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w]))",
        ),
    ),
    host(
        "disk_busy_share",
        Form::Text(
            "clamp_max(max(rate(node_disk_io_time_seconds_total{device!~\"loop.*|ram.*|sr.*|zram.*\"}[$w])), 1)",
        ),
    ),
    host(
        "disk_queue",
        Form::Text(
            "sum(rate(node_disk_io_time_weighted_seconds_total{device!~\"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*\"}[$w]))",
        ),
    ),
    // Guests' time is counted as the host's own `user` already.
    host(
        "cpu_util",
        Form::Text(
            "1 - sum(rate(node_cpu_seconds_total{mode=~\"idle|iowait\"}[$w])) \
         / sum(rate(node_cpu_seconds_total[$w]))",
        ),
    ),
    host(
        "cpu_iowait_share",
        Form::Text(
            "sum(rate(node_cpu_seconds_total{mode=\"iowait\"}[$w])) / sum(rate(node_cpu_seconds_total[$w]))",
        ),
    ),
    host(
        "memory_available_bytes",
        Form::Last(&[of("node_memory_MemAvailable_bytes")]),
    ),
    host(
        "swap_used_bytes",
        Form::Text("max(node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes)"),
    ),
    host(
        "disk_free_bytes",
        Form::Text(
            "min(node_filesystem_avail_bytes{fstype!~\"tmpfs|ramfs|overlay|squashfs|iso9660|erofs|fuse.*|autofs|nsfs|vfat\"})",
        ),
    ),
    host(
        "network_in_bytes_per_s",
        Form::Text(
            "sum(rate(node_network_receive_bytes_total{device!~\"lo|veth.*|docker.*|br-.*|cni.*|cali.*|ifb.*|virbr.*|bond.*|tun.*\"}[$w]))",
        ),
    ),
    host(
        "network_out_bytes_per_s",
        Form::Text(
            "sum(rate(node_network_transmit_bytes_total{device!~\"lo|veth.*|docker.*|br-.*|cni.*|cali.*|ifb.*|virbr.*|bond.*|tun.*\"}[$w]))",
        ),
    ),
    // The slowest channel counts. MySQL from 8.0.22 on, before that and MariaDB, and pt-heartbeat.
    needing(
        REPLICA,
        "replication_lag_s",
        Form::Text(
            "max(mysql_slave_status_seconds_behind_source) or max(mysql_slave_status_seconds_behind_master) \
         or max(mysql_heartbeat_now_timestamp_seconds - mysql_heartbeat_stored_timestamp_seconds)",
        ),
    ),
    needing(
        REPLICA,
        "replication_running",
        Form::Text(
            "min(mysql_slave_status_replica_sql_running) * min(mysql_slave_status_replica_io_running) \
         or min(mysql_slave_status_slave_sql_running) * min(mysql_slave_status_slave_io_running)",
        ),
    ),
];
