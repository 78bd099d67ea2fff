WITH pairs AS (
  SELECT requesting_trx_id, requested_lock_id, blocking_trx_id, blocking_lock_id
    FROM information_schema.innodb_lock_waits
   LIMIT 50000
), chosen AS (
  SELECT pairs.*,
         blocking_trx_id NOT IN (SELECT requesting_trx_id FROM pairs) AS blocker_is_free
    FROM pairs
   ORDER BY blocker_is_free DESC
   LIMIT 2001
)
SELECT c.requesting_trx_id AS waiting_trx,
       c.blocking_trx_id AS blocking_trx,
       wt.trx_mysql_thread_id AS waiting_id,
       bt.trx_mysql_thread_id AS blocking_id,
       NULL AS table_schema,
       w.lock_table AS table_name,
       w.lock_index AS index_name,
       w.lock_type AS lock_type,
       w.lock_mode AS waiting_mode,
       w.lock_data AS lock_data,
       b.lock_mode AS blocking_mode,
       COALESCE(bt.trx_requested_lock_id <> c.blocking_lock_id, 1) AS blocking_granted
  FROM chosen c
  LEFT JOIN information_schema.innodb_locks w ON w.lock_id = c.requested_lock_id
  LEFT JOIN information_schema.innodb_locks b ON b.lock_id = c.blocking_lock_id
  LEFT JOIN information_schema.innodb_trx wt ON wt.trx_id = c.requesting_trx_id
  LEFT JOIN information_schema.innodb_trx bt ON bt.trx_id = c.blocking_trx_id
 ORDER BY c.blocker_is_free DESC
 LIMIT 2001
