SELECT TABLE_SCHEMA AS table_schema,
       TABLE_NAME AS table_name,
       TABLE_TYPE AS table_type,
       ENGINE AS engine,
       ROW_FORMAT AS row_format,
       TABLE_ROWS AS rows_estimate,
       DATA_LENGTH AS data_bytes,
       INDEX_LENGTH AS index_bytes,
       DATA_FREE AS free_bytes,
       AUTO_INCREMENT AS next_auto_increment,
       TIMESTAMPDIFF(SECOND, CREATE_TIME, UTC_TIMESTAMP()) AS created_age_s,
       TABLE_COLLATION AS collation,
       CREATE_OPTIONS AS create_options
  FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = ?
   AND TABLE_NAME = ?
 LIMIT 2