SELECT DIGEST_TEXT AS digest_text, CAST(LAST_SEEN AS CHAR) AS last_seen
  FROM performance_schema.events_statements_summary_by_digest
 WHERE DIGEST_TEXT LIKE 'SET %GLOBAL%'
    OR DIGEST_TEXT LIKE 'SET %PERSIST%'
 ORDER BY LAST_SEEN DESC
 LIMIT 201
