SELECT SCHEMA_NAME AS schema_name, DIGEST AS digest, LEFT(DIGEST_TEXT, 600) AS digest_text, COUNT_STAR AS calls,
       SUM_ROWS_EXAMINED AS rows_examined, SUM_SELECT_SCAN AS scans, SUM_NO_INDEX_USED AS no_index_used,
       SUM_TIMER_WAIT AS wait_ps, CAST(FIRST_SEEN AS CHAR) AS first_seen
  FROM performance_schema.events_statements_summary_by_digest
 WHERE LAST_SEEN >= NOW() - INTERVAL 60 SECOND
   AND DIGEST IS NOT NULL
   AND SCHEMA_NAME NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
 ORDER BY SUM_ROWS_EXAMINED DESC
 LIMIT 301
