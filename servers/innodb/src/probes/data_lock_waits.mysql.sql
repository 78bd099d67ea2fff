WITH pairs AS (
  SELECT ENGINE,
         REQUESTING_ENGINE_LOCK_ID AS waiting_lock,
         REQUESTING_ENGINE_TRANSACTION_ID AS waiting_trx,
         REQUESTING_THREAD_ID AS waiting_thread,
         BLOCKING_ENGINE_LOCK_ID AS blocking_lock,
         BLOCKING_ENGINE_TRANSACTION_ID AS blocking_trx,
         BLOCKING_THREAD_ID AS blocking_thread
    FROM performance_schema.data_lock_waits
   LIMIT 50000
), chosen AS (
  SELECT pairs.*,
         blocking_trx NOT IN (SELECT waiting_trx FROM pairs) AS blocker_is_free
    FROM pairs
   ORDER BY blocker_is_free DESC
   LIMIT 2001
)
SELECT c.waiting_trx,
       c.blocking_trx,
       wt.PROCESSLIST_ID AS waiting_id,
       bt.PROCESSLIST_ID AS blocking_id,
       w.OBJECT_SCHEMA AS table_schema,
       w.OBJECT_NAME AS table_name,
       w.INDEX_NAME AS index_name,
       w.LOCK_TYPE AS lock_type,
       w.LOCK_MODE AS waiting_mode,
       w.LOCK_DATA AS lock_data,
       b.LOCK_MODE AS blocking_mode,
       b.LOCK_STATUS = 'GRANTED' AS blocking_granted
  FROM chosen c
  LEFT JOIN performance_schema.data_locks w ON w.ENGINE_LOCK_ID = c.waiting_lock AND w.ENGINE = c.ENGINE
  LEFT JOIN performance_schema.data_locks b ON b.ENGINE_LOCK_ID = c.blocking_lock AND b.ENGINE = c.ENGINE
  LEFT JOIN performance_schema.threads wt ON wt.THREAD_ID = c.waiting_thread
  LEFT JOIN performance_schema.threads bt ON bt.THREAD_ID = c.blocking_thread
 ORDER BY c.blocker_is_free DESC
 LIMIT 2001
