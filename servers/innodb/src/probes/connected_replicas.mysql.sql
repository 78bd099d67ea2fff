SELECT PROCESSLIST_ID AS id,
       PROCESSLIST_USER AS user,
       PROCESSLIST_HOST AS host,
       PROCESSLIST_COMMAND AS command,
       PROCESSLIST_TIME AS time_s,
       PROCESSLIST_STATE AS state
  FROM performance_schema.threads
 WHERE PROCESSLIST_COMMAND IN ('Binlog Dump', 'Binlog Dump GTID')
 LIMIT 1001
