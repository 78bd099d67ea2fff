SELECT THREAD_ID AS id,
       LOCK_MODE AS lock_mode,
       LOCK_TYPE AS object_type,
       TABLE_SCHEMA AS object_schema,
       TABLE_NAME AS object_name
  FROM information_schema.METADATA_LOCK_INFO
 WHERE THREAD_ID <> CONNECTION_ID()
 LIMIT 5001
