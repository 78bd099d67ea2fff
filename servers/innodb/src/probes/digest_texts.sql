SELECT SCHEMA_NAME AS db,
       DIGEST AS digest,
       LEFT(DIGEST_TEXT, 400) AS digest_text
  FROM performance_schema.events_statements_summary_by_digest
 WHERE LAST_SEEN >= NOW() - INTERVAL 40 SECOND
 ORDER BY SUM_TIMER_WAIT DESC
 LIMIT 501
