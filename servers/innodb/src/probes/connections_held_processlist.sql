SELECT USER AS user,
       REGEXP_REPLACE(HOST, ':[0-9]+$', '') AS host,
       NULL AS program,
       COUNT(*) AS connections,
       SUM(COMMAND = 'Sleep') AS idle,
       COALESCE(MAX(IF(COMMAND = 'Sleep', TIME, 0)), 0) AS longest_idle_s,
       AVG(IF(COMMAND = 'Sleep', TIME, NULL)) AS mean_idle_s
  FROM information_schema.PROCESSLIST
 WHERE ID <> CONNECTION_ID()
   AND COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID', 'Slave_IO', 'Slave_SQL', 'Slave_worker')
 GROUP BY USER, REGEXP_REPLACE(HOST, ':[0-9]+$', '')
 ORDER BY connections DESC
 LIMIT 101
