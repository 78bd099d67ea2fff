SELECT h.DIGEST AS digest,
       h.CURRENT_SCHEMA AS db,
       t.PROCESSLIST_USER AS user,
       t.PROCESSLIST_HOST AS host,
       LEFT(h.SQL_TEXT, 2000) AS sql_text,
       h.TIMER_WAIT AS time_ps,
       h.LOCK_TIME AS lock_ps,
       h.MYSQL_ERRNO AS error,
       h.ROWS_AFFECTED AS rows_affected,
       h.ROWS_SENT AS rows_sent,
       h.ROWS_EXAMINED AS rows_examined,
       h.NO_INDEX_USED AS no_index,
       (CAST(n.now_ps AS SIGNED) - CAST(h.TIMER_END AS SIGNED)) / 1000000000000 AS ended_age_s
  FROM (SELECT MIN(c.TIMER_START) AS now_ps
          FROM performance_schema.events_statements_current c
          JOIN performance_schema.threads o ON o.THREAD_ID = c.THREAD_ID
         WHERE o.PROCESSLIST_ID = CONNECTION_ID()) n
  JOIN performance_schema.events_statements_history h
  LEFT JOIN performance_schema.threads t ON t.THREAD_ID = h.THREAD_ID
 WHERE h.TIMER_END + 60000000000000 >= n.now_ps
   AND h.DIGEST IS NOT NULL
   AND h.SQL_TEXT IS NOT NULL
   AND (t.PROCESSLIST_ID IS NULL OR t.PROCESSLIST_ID <> CONNECTION_ID())
 ORDER BY h.TIMER_WAIT DESC
 LIMIT 501
