SELECT t.PROCESSLIST_USER AS user,
       t.PROCESSLIST_HOST AS host,
       a.program AS program,
       COUNT(*) AS connections,
       SUM(t.PROCESSLIST_COMMAND = 'Sleep') AS idle,
       COALESCE(MAX(IF(t.PROCESSLIST_COMMAND = 'Sleep', t.PROCESSLIST_TIME, 0)), 0) AS longest_idle_s,
       AVG(IF(t.PROCESSLIST_COMMAND = 'Sleep', t.PROCESSLIST_TIME, NULL)) AS mean_idle_s
  FROM performance_schema.threads t
  LEFT JOIN (SELECT PROCESSLIST_ID, ATTR_VALUE AS program
               FROM performance_schema.session_connect_attrs
              WHERE ATTR_NAME = 'program_name'
              LIMIT 20000) a
    ON a.PROCESSLIST_ID = t.PROCESSLIST_ID
 WHERE t.PROCESSLIST_ID IS NOT NULL
   AND t.PROCESSLIST_ID <> CONNECTION_ID()
   AND t.PROCESSLIST_COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')
   AND t.NAME NOT LIKE 'thread/sql/replica%'
   AND t.NAME NOT LIKE 'thread/sql/slave%'
 GROUP BY user, host, program
 ORDER BY connections DESC
 LIMIT 101
