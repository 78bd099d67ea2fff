SELECT TABLE_TYPE AS table_type,
       ENGINE AS engine,
       TABLE_ROWS AS rows_estimate,
       DATA_LENGTH AS data_bytes
  FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = ?
   AND TABLE_NAME = ?
 LIMIT 2
