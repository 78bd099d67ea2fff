SELECT CHANNEL_NAME AS channel
  FROM performance_schema.replication_connection_configuration
 LIMIT 65
