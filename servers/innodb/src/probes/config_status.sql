SHOW GLOBAL STATUS WHERE Variable_name IN
  ('Uptime', 'Max_used_connections', 'Threads_connected', 'Connection_errors_max_connections', 'Opened_tables',
   'Table_open_cache_overflows', 'Sort_merge_passes', 'Innodb_log_waits', 'Innodb_os_log_written',
   'Innodb_redo_log_enabled', 'Innodb_page_size', 'Innodb_buffer_pool_reads', 'Innodb_buffer_pool_read_requests',
   'Innodb_buffer_pool_pages_total', 'Innodb_buffer_pool_pages_free', 'Performance_schema_digest_lost',
   'Slaves_running', 'Slaves_connected', 'Innodb_lsn_current')
