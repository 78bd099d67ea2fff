SELECT SCHEMA_NAME AS db,
       DIGEST AS digest,
       BUCKET_TIMER_HIGH AS up_to_ps,
       COUNT_BUCKET AS runs
  FROM performance_schema.events_statements_histogram_by_digest
 WHERE COUNT_BUCKET > 0
   AND ((SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?)
    OR (SCHEMA_NAME <=> ? AND DIGEST = ?))
 LIMIT 4501
