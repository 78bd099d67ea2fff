SELECT NAME AS name, `COUNT` AS value
  FROM information_schema.INNODB_METRICS
 WHERE STATUS = 'enabled'
   AND NAME IN ('trx_rseg_history_len', 'lock_deadlocks', 'lock_timeouts', 'lock_row_lock_waits',
                'log_lsn_checkpoint_age', 'log_max_modified_age_async', 'log_max_modified_age_sync',
                'buffer_pool_reads', 'buffer_pool_read_requests')
 LIMIT 101
