SELECT t.PROCESSLIST_ID AS id,
       l.OBJECT_TYPE AS object_type,
       l.OBJECT_SCHEMA AS object_schema,
       l.OBJECT_NAME AS object_name,
       l.LOCK_STATUS AS lock_status
  FROM performance_schema.threads t
  JOIN performance_schema.metadata_locks l ON l.OWNER_THREAD_ID = t.THREAD_ID
 WHERE t.PROCESSLIST_COMMAND IN ('Slave_SQL', 'Slave_worker')
   AND (l.OBJECT_TYPE = 'TABLE' OR l.LOCK_STATUS = 'PENDING')
 LIMIT 1001
