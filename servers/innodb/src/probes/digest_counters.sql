SELECT SCHEMA_NAME AS db,
       DIGEST AS digest,
       COUNT_STAR AS runs,
       SUM_TIMER_WAIT AS time_ps,
       SUM_LOCK_TIME AS lock_ps,
       SUM_ERRORS AS errors,
       SUM_ROWS_AFFECTED AS rows_affected,
       SUM_ROWS_SENT AS rows_sent,
       SUM_ROWS_EXAMINED AS rows_examined,
       SUM_CREATED_TMP_TABLES AS tmp_tables,
       SUM_CREATED_TMP_DISK_TABLES AS tmp_disk_tables,
       SUM_SORT_MERGE_PASSES AS sort_merge_passes,
       SUM_SORT_ROWS AS sort_rows
  FROM performance_schema.events_statements_summary_by_digest
 ORDER BY LAST_SEEN DESC
 LIMIT 3001
