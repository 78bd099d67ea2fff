SELECT c.CHANNEL_NAME AS channel_name,
       c.HOST AS host,
       c.PORT AS port,
       c.HEARTBEAT_INTERVAL AS heartbeat_interval_s,
       s.SERVICE_STATE AS receiver,
       s.LAST_ERROR_NUMBER AS receiver_error_number,
       s.LAST_ERROR_MESSAGE AS receiver_error,
       s.RECEIVED_TRANSACTION_SET AS received,
       TIMESTAMPDIFF(MICROSECOND, s.LAST_HEARTBEAT_TIMESTAMP, NOW(6)) / 1e6 AS heartbeat_age_s,
       TIMESTAMPDIFF(MICROSECOND, s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP, NOW(6)) / 1e6 AS queued_age_s,
       TIMESTAMPDIFF(MICROSECOND, s.LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6)) / 1e6 AS queued_original_age_s,
       TIMESTAMPDIFF(MICROSECOND, s.LAST_QUEUED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP,
                     s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP) / 1e6 AS queued_late_s,
       TIMESTAMPDIFF(MICROSECOND, s.LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP,
                     s.LAST_QUEUED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP) / 1e6 AS upstream_late_s,
       TIMESTAMPDIFF(MICROSECOND, s.QUEUEING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6)) / 1e6 AS queueing_original_age_s,
       TIMESTAMPDIFF(MICROSECOND, s.QUEUEING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP, NOW(6)) / 1e6 AS queueing_immediate_age_s,
       ac.DESIRED_DELAY AS delay_s,
       a.SERVICE_STATE AS applier,
       a.REMAINING_DELAY AS remaining_delay_s,
       a.COUNT_TRANSACTIONS_RETRIES AS retries,
       k.LAST_ERROR_NUMBER AS applier_error_number,
       k.LAST_ERROR_MESSAGE AS applier_error,
       TIMESTAMPDIFF(MICROSECOND, k.LAST_ERROR_TIMESTAMP, NOW(6)) / 1e6 AS applier_error_age_s,
       TIMESTAMPDIFF(MICROSECOND, k.PROCESSING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6)) / 1e6 AS processing_original_age_s
  FROM performance_schema.replication_connection_configuration c
  LEFT JOIN performance_schema.replication_connection_status s ON s.CHANNEL_NAME = c.CHANNEL_NAME
  LEFT JOIN performance_schema.replication_applier_configuration ac ON ac.CHANNEL_NAME = c.CHANNEL_NAME
  LEFT JOIN performance_schema.replication_applier_status a ON a.CHANNEL_NAME = c.CHANNEL_NAME
  LEFT JOIN performance_schema.replication_applier_status_by_coordinator k ON k.CHANNEL_NAME = c.CHANNEL_NAME
 LIMIT 257
