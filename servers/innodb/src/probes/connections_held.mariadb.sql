SELECT p.USER AS user,
       REGEXP_REPLACE(p.HOST, ':[0-9]+$', '') AS host,
       a.program AS program,
       COUNT(*) AS connections,
       SUM(p.COMMAND = 'Sleep') AS idle,
       COALESCE(MAX(IF(p.COMMAND = 'Sleep', p.TIME, 0)), 0) AS longest_idle_s,
       AVG(IF(p.COMMAND = 'Sleep', p.TIME, NULL)) AS mean_idle_s
  FROM information_schema.PROCESSLIST p
  LEFT JOIN (SELECT PROCESSLIST_ID, ATTR_VALUE AS program
               FROM performance_schema.session_connect_attrs
              WHERE ATTR_NAME = 'program_name'
              LIMIT 20000) a
    ON a.PROCESSLIST_ID = p.ID
 WHERE p.ID <> CONNECTION_ID()
   AND p.COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Slave_IO', 'Slave_SQL', 'Slave_worker')
 GROUP BY user, REGEXP_REPLACE(p.HOST, ':[0-9]+$', ''), program
 ORDER BY connections DESC
 LIMIT 101
