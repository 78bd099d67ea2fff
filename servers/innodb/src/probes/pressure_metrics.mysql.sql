SELECT NAME AS name, `COUNT` AS value
  FROM information_schema.INNODB_METRICS
 WHERE STATUS = 'enabled'
   AND NAME IN ('buffer_pool_reads', 'buffer_pool_read_requests', 'buffer_pool_wait_free', 'buffer_pool_read_ahead',
                'buffer_pool_read_ahead_evicted', 'buffer_pages_read', 'buffer_pages_written',
                'buffer_flush_sync_waits', 'buffer_flush_sync_total_pages', 'buffer_flush_adaptive_total_pages',
                'buffer_flush_background_total_pages', 'buffer_flush_n_to_flush_requested',
                'buffer_LRU_batch_flush_total_pages', 'buffer_LRU_batch_evict_total_pages',
                'buffer_LRU_single_flush_num_scan', 'buffer_LRU_get_free_waits',
                'log_lsn_current', 'log_lsn_last_checkpoint', 'log_lsn_checkpoint_age',
                'log_max_modified_age_async', 'log_max_modified_age_sync', 'log_waits',
                'log_on_file_space_waits', 'log_writer_on_file_space_waits', 'log_checkpoints',
                'trx_rseg_history_len', 'purge_invoked', 'purge_undo_log_pages', 'purge_dml_delay_usec',
                'purge_del_mark_records', 'purge_stop_count', 'trx_rw_commits',
                'adaptive_hash_searches', 'adaptive_hash_searches_btree', 'adaptive_hash_rows_removed',
                'adaptive_hash_pages_removed',
                'innodb_rwlock_s_os_waits', 'innodb_rwlock_x_os_waits', 'innodb_rwlock_sx_os_waits',
                'innodb_dblwr_writes', 'innodb_dblwr_pages_written', 'lock_deadlocks', 'lock_timeouts')
 LIMIT 101
