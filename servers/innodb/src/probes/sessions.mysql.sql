SELECT t.PROCESSLIST_ID AS id,
       t.PROCESSLIST_USER AS user,
       t.PROCESSLIST_HOST AS host,
       t.PROCESSLIST_DB AS db,
       t.PROCESSLIST_COMMAND AS command,
       t.PROCESSLIST_TIME AS time_s,
       t.PROCESSLIST_STATE AS state,
       LEFT(t.PROCESSLIST_INFO, 2048) AS info,
       a.ATTR_VALUE AS program
  FROM performance_schema.threads t
  LEFT JOIN performance_schema.session_connect_attrs a
    ON a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name'
 WHERE t.PROCESSLIST_ID IS NOT NULL
   AND t.PROCESSLIST_ID <> CONNECTION_ID()
   AND t.PROCESSLIST_COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')
   AND (t.PROCESSLIST_COMMAND <> 'Sleep'
        OR t.PROCESSLIST_ID IN (SELECT trx_mysql_thread_id FROM information_schema.innodb_trx)
        OR t.THREAD_ID IN (SELECT OWNER_THREAD_ID
                             FROM performance_schema.metadata_locks
                            WHERE LOCK_DURATION IN ('TRANSACTION', 'EXPLICIT')))
 LIMIT 1001
