SELECT COUNT(*) AS indexes,
       SUM(COUNT_STAR = 0) AS unused,
       COUNT(DISTINCT OBJECT_SCHEMA, OBJECT_NAME) AS tables
  FROM performance_schema.table_io_waits_summary_by_index_usage
 WHERE OBJECT_TYPE = 'TABLE'
   AND INDEX_NAME <> 'PRIMARY'
   AND OBJECT_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND (? = '' OR OBJECT_SCHEMA = ?)
 LIMIT 2