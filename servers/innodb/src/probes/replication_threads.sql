SELECT ID AS id,
       USER AS user,
       HOST AS host,
       COMMAND AS command,
       TIME AS time_s,
       STATE AS state,
       LEFT(INFO, 2048) AS info
  FROM information_schema.PROCESSLIST
 WHERE USER = 'system user'
    OR COMMAND IN ('Binlog Dump', 'Binlog Dump GTID')
 LIMIT 2001
