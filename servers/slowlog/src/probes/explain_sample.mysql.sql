SELECT SCHEMA_NAME AS db,
       QUERY_SAMPLE_TEXT AS sql_text
  FROM performance_schema.events_statements_summary_by_digest
 WHERE DIGEST = ?
 ORDER BY SUM_TIMER_WAIT DESC
 LIMIT 11
