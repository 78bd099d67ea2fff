SELECT trx_id,
       trx_state AS state,
       trx_mysql_thread_id AS id,
       TIMESTAMPDIFF(SECOND, trx_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')) AS age_s,
       TIMESTAMPDIFF(SECOND, trx_wait_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')) AS wait_s,
       trx_query AS query,
       trx_operation_state AS operation,
       trx_tables_locked AS tables_locked,
       trx_rows_locked AS rows_locked,
       trx_rows_modified AS rows_modified,
       trx_isolation_level AS isolation
  FROM information_schema.innodb_trx
 WHERE trx_mysql_thread_id <> CONNECTION_ID()
 ORDER BY trx_started
 LIMIT 1001
