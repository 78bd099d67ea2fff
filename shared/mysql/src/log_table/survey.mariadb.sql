SELECT UNIX_TIMESTAMP(ADDTIME(CONVERT_TZ(start_time, @@global.time_zone, '+00:00'), query_time)) DIV 60 AS minute,
       COUNT(*) AS entries,
       SUM(LEAST(LENGTH(sql_text), 32768) + 250) AS bytes
  FROM mysql.slow_log
 WHERE ADDTIME(CONVERT_TZ(start_time, @@global.time_zone, '+00:00'), query_time) >= CAST(? AS DATETIME(6))
   AND ADDTIME(CONVERT_TZ(start_time, @@global.time_zone, '+00:00'), query_time) < CAST(? AS DATETIME(6))
 GROUP BY minute
 ORDER BY minute DESC
 LIMIT 10001
