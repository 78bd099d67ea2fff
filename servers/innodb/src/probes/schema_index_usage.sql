SELECT INDEX_NAME AS index_name,
       COUNT_FETCH AS fetches,
       COUNT_INSERT AS inserts,
       COUNT_UPDATE AS updates,
       COUNT_DELETE AS deletes
  FROM performance_schema.table_io_waits_summary_by_index_usage
 WHERE OBJECT_TYPE = 'TABLE'
   AND OBJECT_SCHEMA = ?
   AND OBJECT_NAME = ?
 LIMIT 131