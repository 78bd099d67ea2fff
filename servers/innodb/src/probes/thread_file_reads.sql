SELECT t.PROCESSLIST_ID AS id,
       w.COUNT_STAR AS file_reads
  FROM performance_schema.threads t STRAIGHT_JOIN performance_schema.events_waits_summary_by_thread_by_event_name w
    ON w.THREAD_ID = t.THREAD_ID
   AND w.EVENT_NAME = 'wait/io/file/innodb/innodb_data_file'
 WHERE t.PROCESSLIST_ID IS NOT NULL
   AND w.COUNT_STAR > 0
 LIMIT 2001
