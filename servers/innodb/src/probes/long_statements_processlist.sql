SELECT ID AS id,
       USER AS user,
       HOST AS host,
       COMMAND AS command,
       TIME AS time_s,
       STATE AS state,
       LEFT(INFO, 512) AS info
  FROM information_schema.PROCESSLIST
 WHERE ID <> CONNECTION_ID()
   AND COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump', 'Binlog Dump GTID', 'Slave_IO', 'Slave_SQL', 'Slave_worker')
   AND TIME >= 2
 ORDER BY TIME DESC
 LIMIT 201
