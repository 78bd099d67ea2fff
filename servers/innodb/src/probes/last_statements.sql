SELECT t.PROCESSLIST_ID AS id,
       h.EVENT_ID AS event_id,
       LEFT(h.SQL_TEXT, 2048) AS sql_text,
       h.ROWS_AFFECTED AS rows_affected
  FROM performance_schema.threads t
  JOIN performance_schema.events_statements_history h ON h.THREAD_ID = t.THREAD_ID
 WHERE t.PROCESSLIST_COMMAND = 'Sleep'
   AND t.PROCESSLIST_ID <> CONNECTION_ID()
   AND h.SQL_TEXT IS NOT NULL
   AND (t.PROCESSLIST_ID IN (SELECT trx_mysql_thread_id FROM information_schema.innodb_trx)
        OR t.THREAD_ID IN (SELECT OWNER_THREAD_ID
                             FROM performance_schema.metadata_locks
                            WHERE LOCK_DURATION IN ('TRANSACTION', 'EXPLICIT')))
 LIMIT 5001
