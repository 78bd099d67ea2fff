SELECT OBJECT_SCHEMA AS table_schema,
       OBJECT_NAME AS table_name
  FROM performance_schema.table_io_waits_summary_by_index_usage
 WHERE OBJECT_TYPE = 'TABLE'
   AND OBJECT_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND (? = '' OR OBJECT_SCHEMA = ?)
 GROUP BY OBJECT_SCHEMA, OBJECT_NAME
HAVING SUM(INDEX_NAME <=> 'PRIMARY') = 0
 LIMIT 51