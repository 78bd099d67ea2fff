SELECT @@global.slow_query_log AS is_on,
       @@global.log_output AS output,
       CONVERT_TZ((SELECT start_time FROM mysql.slow_log LIMIT 1), @@global.time_zone, '+00:00') AS first_at
 LIMIT 2
