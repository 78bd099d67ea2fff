SELECT SCHEMA_NAME AS db,
       DIGEST AS digest,
       LEFT(DIGEST_TEXT, 2000) AS digest_text,
       TIMESTAMPDIFF(SECOND, FIRST_SEEN, NOW(6)) AS first_seen_age_s,
       TIMESTAMPDIFF(SECOND, LAST_SEEN, NOW(6)) AS last_seen_age_s,
       COUNT_STAR AS runs,
       SUM_TIMER_WAIT AS time_ps,
       MAX_TIMER_WAIT AS max_ps,
       SUM_LOCK_TIME AS lock_ps,
       SUM_CPU_TIME AS cpu_ps,
       SUM_ERRORS AS errors,
       SUM_ROWS_AFFECTED AS rows_affected,
       SUM_ROWS_SENT AS rows_sent,
       SUM_ROWS_EXAMINED AS rows_examined,
       SUM_CREATED_TMP_TABLES AS tmp_tables,
       SUM_CREATED_TMP_DISK_TABLES AS tmp_disk_tables,
       SUM_SORT_MERGE_PASSES AS sort_merge_passes,
       SUM_SELECT_SCAN AS scans,
       SUM_SELECT_FULL_JOIN AS full_joins,
       SUM_NO_INDEX_USED AS no_index_used
  FROM performance_schema.events_statements_summary_by_digest
 WHERE LAST_SEEN >= NOW() - INTERVAL 60 SECOND
 ORDER BY SUM_TIMER_WAIT DESC
 LIMIT 3001
