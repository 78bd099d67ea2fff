SELECT p.ID AS id,
       l.OBJECT_TYPE AS object_type,
       l.OBJECT_SCHEMA AS object_schema,
       l.OBJECT_NAME AS object_name,
       l.LOCK_STATUS AS lock_status
  FROM information_schema.PROCESSLIST p
  JOIN performance_schema.threads t ON t.THREAD_OS_ID = p.TID
  JOIN performance_schema.metadata_locks l ON l.OWNER_THREAD_ID = t.THREAD_ID
 WHERE p.COMMAND IN ('Slave_SQL', 'Slave_worker')
   AND (l.OBJECT_TYPE = 'TABLE' OR l.LOCK_STATUS = 'PENDING')
 LIMIT 1001
