SELECT VARIABLE_NAME AS name,
       VARIABLE_SOURCE AS source,
       SET_USER AS set_user,
       SET_HOST AS set_host,
       TIMESTAMPDIFF(SECOND, SET_TIME, NOW()) AS set_age_s
  FROM performance_schema.variables_info
 WHERE VARIABLE_NAME IN ('innodb_buffer_pool_size', 'innodb_redo_log_capacity', 'innodb_io_capacity',
                         'innodb_io_capacity_max', 'innodb_max_dirty_pages_pct', 'innodb_flush_log_at_trx_commit',
                         'sync_binlog', 'sort_buffer_size', 'max_user_connections', 'tmp_table_size', 'temptable_max_ram', 'max_connections',
                         'table_open_cache', 'innodb_max_purge_lag', 'innodb_adaptive_hash_index',
                         'innodb_log_buffer_size', 'innodb_lru_scan_depth')
   AND VARIABLE_SOURCE IN ('DYNAMIC', 'PERSISTED')
 LIMIT 51
