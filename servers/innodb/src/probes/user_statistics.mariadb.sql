SELECT `USER` AS user,
       BUSY_TIME AS busy_s,
       BINLOG_BYTES_WRITTEN AS binlog_bytes,
       ROWS_READ AS rows_read,
       ROWS_INSERTED + ROWS_UPDATED + ROWS_DELETED AS rows_written,
       TOTAL_CONNECTIONS AS connections
  FROM information_schema.USER_STATISTICS
 WHERE `USER` <> SUBSTRING_INDEX(USER(), '@', 1)
 LIMIT 301
