SELECT ID AS id,
       USER AS user,
       HOST AS host,
       DB AS db,
       COMMAND AS command,
       STATE AS state,
       TIME_MS AS time_ms,
       QUERY_ID AS query_id,
       EXAMINED_ROWS AS rows_examined,
       LEFT(INFO, 1024) AS info
  FROM information_schema.PROCESSLIST
 WHERE ID <> CONNECTION_ID()
   AND COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump', 'Slave_IO', 'Slave_SQL', 'Slave_worker')
   AND INFO IS NOT NULL
 ORDER BY TIME_MS DESC
 LIMIT 501
