SHOW GLOBAL VARIABLES WHERE Variable_name IN (
  'server_id', 'log_bin', 'binlog_format', 'gtid_mode', 'gtid_strict_mode', 'read_only', 'super_read_only',
  'replica_parallel_workers', 'slave_parallel_workers', 'slave_parallel_threads', 'slave_parallel_mode',
  'replica_preserve_commit_order', 'slave_preserve_commit_order', 'relay_log_space_limit',
  'log_replica_updates', 'log_slave_updates', 'binlog_rows_query_log_events',
  'rpl_semi_sync_source_enabled', 'rpl_semi_sync_master_enabled', 'rpl_semi_sync_source_timeout',
  'rpl_semi_sync_master_timeout', 'rpl_semi_sync_replica_enabled', 'rpl_semi_sync_slave_enabled')
