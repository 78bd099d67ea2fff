SELECT UNIX_TIMESTAMP(CONVERT_TZ(start_time, @@global.time_zone, '+00:00')) DIV 60 AS minute,
       COUNT(*) AS entries,
       SUM(LEAST(LENGTH(sql_text), 32768) + 250) AS bytes
  FROM mysql.slow_log
 WHERE CONVERT_TZ(start_time, @@global.time_zone, '+00:00') >= CAST(? AS DATETIME(6))
   AND CONVERT_TZ(start_time, @@global.time_zone, '+00:00') < CAST(? AS DATETIME(6))
 GROUP BY minute
 ORDER BY minute DESC
 LIMIT 10001
