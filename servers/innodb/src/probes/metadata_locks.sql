WITH locks AS (
  SELECT OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME, LOCK_TYPE, LOCK_DURATION, LOCK_STATUS, OWNER_THREAD_ID
    FROM performance_schema.metadata_locks
), wanted AS (
  SELECT DISTINCT OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME
    FROM locks
   WHERE LOCK_STATUS = 'PENDING'
)
SELECT l.OBJECT_TYPE AS object_type,
       l.OBJECT_SCHEMA AS object_schema,
       l.OBJECT_NAME AS object_name,
       l.LOCK_TYPE AS lock_type,
       l.LOCK_DURATION AS lock_duration,
       l.LOCK_STATUS AS lock_status,
       t.PROCESSLIST_ID AS id
  FROM locks l
  JOIN wanted w
    ON w.OBJECT_TYPE = l.OBJECT_TYPE
   AND w.OBJECT_SCHEMA <=> l.OBJECT_SCHEMA
   AND w.OBJECT_NAME <=> l.OBJECT_NAME
  JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
 LIMIT 2001
