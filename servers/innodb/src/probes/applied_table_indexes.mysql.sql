SELECT INDEX_NAME AS index_name
  FROM performance_schema.table_io_waits_summary_by_index_usage
 WHERE OBJECT_TYPE = 'TABLE'
   AND OBJECT_SCHEMA = ?
   AND OBJECT_NAME = ?
 LIMIT 101
