SELECT SERVER_ID AS server_id,
       SESSION_ID AS session_id,
       REPLICA_LAG_IN_MILLISECONDS AS lag_ms,
       TIMESTAMPDIFF(SECOND, LAST_UPDATE_TIMESTAMP, NOW()) AS updated_s_ago,
       @@aurora_server_id AS own
  FROM information_schema.replica_host_status
 LIMIT 65
