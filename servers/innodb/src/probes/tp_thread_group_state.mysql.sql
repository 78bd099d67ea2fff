SELECT TP_GROUP_ID AS group_id,
       CONNECTION_COUNT AS connections,
       THREAD_COUNT AS threads,
       ACTIVE_THREAD_COUNT AS active_threads,
       QUEUED_QUERIES + QUEUED_TRANSACTIONS AS queued
  FROM performance_schema.tp_thread_group_state
 LIMIT 201
