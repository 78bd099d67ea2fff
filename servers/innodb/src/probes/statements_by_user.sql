SELECT USER AS user,
       SUM(COUNT_STAR) AS runs,
       SUM(SUM_TIMER_WAIT) AS time_ps,
       SUM(SUM_ROWS_AFFECTED) AS rows_affected,
       SUM(SUM_ROWS_EXAMINED) AS rows_examined,
       SUM(SUM_CREATED_TMP_TABLES) AS tmp_tables,
       SUM(SUM_CREATED_TMP_DISK_TABLES) AS tmp_disk_tables,
       SUM(SUM_SORT_MERGE_PASSES) AS sort_merge_passes
  FROM performance_schema.events_statements_summary_by_user_by_event_name
 WHERE COUNT_STAR > 0
   AND USER <> SUBSTRING_INDEX(USER(), '@', 1)
 GROUP BY USER
 LIMIT 301
