SELECT ID AS id,
       USER AS user,
       HOST AS host,
       DB AS db,
       COMMAND AS command,
       TIME AS time_s,
       STATE AS state,
       LEFT(INFO, 2048) AS info
  FROM information_schema.PROCESSLIST
 WHERE ID <> CONNECTION_ID()
   AND COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')
 LIMIT 5001
