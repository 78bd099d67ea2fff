SELECT GROUP_ID AS group_id,
       CONNECTIONS AS connections,
       THREADS AS threads,
       ACTIVE_THREADS AS active_threads,
       QUEUE_LENGTH AS queued,
       IS_STALLED AS stalled
  FROM information_schema.THREAD_POOL_GROUPS
 LIMIT 201
