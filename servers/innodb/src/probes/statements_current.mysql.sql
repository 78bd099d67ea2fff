SELECT t.PROCESSLIST_ID AS id,
       t.PROCESSLIST_USER AS user,
       t.PROCESSLIST_HOST AS host,
       t.PROCESSLIST_STATE AS state,
       a.ATTR_VALUE AS program,
       t.PROCESSLIST_ID = CONNECTION_ID() AS own,
       c.EVENT_ID AS event_id,
       c.END_EVENT_ID IS NULL AS running,
       COALESCE(c.TIMER_WAIT, 0) AS time_ps,
       c.CURRENT_SCHEMA AS db,
       c.DIGEST AS digest,
       LEFT(c.SQL_TEXT, 1024) AS sql_text,
       c.ROWS_AFFECTED AS rows_affected,
       c.ROWS_EXAMINED AS rows_examined,
       c.CREATED_TMP_TABLES AS tmp_tables,
       c.CREATED_TMP_DISK_TABLES AS tmp_disk_tables,
       c.SORT_MERGE_PASSES AS sort_merge_passes
  FROM performance_schema.threads t STRAIGHT_JOIN performance_schema.events_statements_current c
    ON c.THREAD_ID = t.THREAD_ID
  LEFT JOIN performance_schema.session_connect_attrs a
    ON a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name'
 WHERE t.PROCESSLIST_ID IS NOT NULL
   AND (t.PROCESSLIST_COMMAND <> 'Sleep' OR t.PROCESSLIST_TIME <= 25)
   AND (c.NESTING_EVENT_TYPE IS NULL OR c.NESTING_EVENT_TYPE = 'TRANSACTION')
 ORDER BY running DESC, time_ps DESC
 LIMIT 1001
