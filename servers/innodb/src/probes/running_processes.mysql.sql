SELECT ID AS id,
       USER AS user,
       HOST AS host,
       DB AS db,
       COMMAND AS command,
       STATE AS state,
       TIME * 1000 AS time_ms,
       0 AS query_id,
       NULL AS rows_examined,
       LEFT(INFO, 1024) AS info
  FROM information_schema.PROCESSLIST
 WHERE ID <> CONNECTION_ID()
   AND COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump', 'Binlog Dump GTID')
   AND INFO IS NOT NULL
 ORDER BY TIME DESC
 LIMIT 501
