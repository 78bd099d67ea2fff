SELECT SCHEMA_NAME AS db,
       DIGEST AS digest,
       LEFT(DIGEST_TEXT, 400) AS digest_text,
       COUNT_STAR AS runs,
       SUM_TIMER_WAIT AS time_ps,
       SUM_ROWS_EXAMINED AS rows_examined,
       TIMESTAMPDIFF(SECOND, FIRST_SEEN, NOW()) AS first_seen_age_s
  FROM performance_schema.events_statements_summary_by_digest
 WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND DIGEST_TEXT REGEXP '^(SELECT|WITH|[(]|UPDATE|DELETE|INSERT.* SELECT|REPLACE.* SELECT) '
 ORDER BY SUM_TIMER_WAIT DESC
 LIMIT 101
