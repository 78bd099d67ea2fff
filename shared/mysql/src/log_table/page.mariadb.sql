SELECT ADDTIME(CONVERT_TZ(start_time, @@global.time_zone, '+00:00'), query_time) AS ended,
       user_host,
       query_time,
       lock_time,
       GREATEST(rows_sent, 0) AS rows_sent,
       GREATEST(rows_examined, 0) AS rows_examined,
       rows_affected AS rows_affected,
       db,
       thread_id,
       LENGTH(sql_text) - LENGTH(LEFT(sql_text, 32768)) AS cut_bytes,
       LEFT(sql_text, 32768) AS sql_text
  FROM mysql.slow_log
 WHERE ADDTIME(CONVERT_TZ(start_time, @@global.time_zone, '+00:00'), query_time) >= CAST(? AS DATETIME(6))
   AND ADDTIME(CONVERT_TZ(start_time, @@global.time_zone, '+00:00'), query_time) < CAST(? AS DATETIME(6))
 LIMIT 20001 OFFSET ?
