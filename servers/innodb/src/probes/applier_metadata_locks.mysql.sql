SELECT t.PROCESSLIST_ID AS id,
       l.OBJECT_TYPE AS object_type,
       l.OBJECT_SCHEMA AS object_schema,
       l.OBJECT_NAME AS object_name,
       l.LOCK_STATUS AS lock_status,
       (SELECT MAX(u.INDEX_NAME <=> 'PRIMARY')
          FROM performance_schema.table_io_waits_summary_by_index_usage u
         WHERE u.OBJECT_TYPE = 'TABLE'
           AND u.OBJECT_SCHEMA = l.OBJECT_SCHEMA
           AND u.OBJECT_NAME = l.OBJECT_NAME) AS has_key
  FROM performance_schema.replication_applier_status_by_worker w
  JOIN performance_schema.metadata_locks l ON l.OWNER_THREAD_ID = w.THREAD_ID
  JOIN performance_schema.threads t ON t.THREAD_ID = w.THREAD_ID
 WHERE l.OBJECT_TYPE = 'TABLE'
    OR l.LOCK_STATUS = 'PENDING'
 LIMIT 1001
