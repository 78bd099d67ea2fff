SELECT SCHEMA_NAME AS default_schema,
       DIGEST AS digest,
       DIGEST_TEXT AS digest_text,
       COUNT_STAR AS calls,
       SUM_ROWS_EXAMINED AS rows_examined,
       SUM_ROWS_SENT AS rows_sent,
       SUM_ROWS_AFFECTED AS rows_affected,
       TIMESTAMPDIFF(SECOND, FIRST_SEEN, UTC_TIMESTAMP()) AS first_seen_age_s,
       TIMESTAMPDIFF(SECOND, LAST_SEEN, UTC_TIMESTAMP()) AS last_seen_age_s,
       DIGEST_TEXT REGEXP '^(ALTER TABLE|CREATE (UNIQUE |FULLTEXT |SPATIAL )?INDEX|DROP INDEX) ' AS is_ddl
  FROM performance_schema.events_statements_summary_by_digest
 WHERE (SCHEMA_NAME = ? OR LOCATE(?, DIGEST_TEXT) > 0)
   AND LOCATE(?, DIGEST_TEXT) > 0
   AND DIGEST_TEXT NOT LIKE 'EXPLAIN %'
 ORDER BY is_ddl DESC, SUM_ROWS_EXAMINED DESC
 LIMIT 31