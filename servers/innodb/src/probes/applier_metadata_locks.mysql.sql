SELECT t.PROCESSLIST_ID AS id,
       l.OBJECT_TYPE AS object_type,
       l.OBJECT_SCHEMA AS object_schema,
       l.OBJECT_NAME AS object_name,
       l.LOCK_TYPE AS lock_type,
       l.LOCK_STATUS AS lock_status
  FROM performance_schema.replication_applier_status_by_worker w
  JOIN performance_schema.metadata_locks l ON l.OWNER_THREAD_ID = w.THREAD_ID
  JOIN performance_schema.threads t ON t.THREAD_ID = w.THREAD_ID
 WHERE l.OBJECT_TYPE = 'TABLE'
    OR l.LOCK_STATUS = 'PENDING'
 LIMIT 1001
