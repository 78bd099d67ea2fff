SELECT t.PROCESSLIST_USER AS user,
       t.PROCESSLIST_HOST AS host,
       h.MYSQL_ERRNO AS number,
       LEFT(h.MESSAGE_TEXT, 300) AS message,
       MAX(LEFT(h.SQL_TEXT, 512)) AS sql_text,
       COUNT(*) AS statements,
       (SELECT CAST(MAX(TIMER_START) AS SIGNED) FROM performance_schema.events_statements_current)
         - MAX(CAST(h.TIMER_END AS SIGNED)) AS age_ps
  FROM performance_schema.events_statements_history h
  JOIN performance_schema.threads t ON t.THREAD_ID = h.THREAD_ID
 WHERE h.MYSQL_ERRNO IN (3, 14, 20, 28, 1021, 1026, 1030, 1114, 1878)
   AND t.PROCESSLIST_ID <> CONNECTION_ID()
 GROUP BY t.PROCESSLIST_USER, t.PROCESSLIST_HOST, h.MYSQL_ERRNO, LEFT(h.MESSAGE_TEXT, 300)
 ORDER BY statements DESC
 LIMIT 21
