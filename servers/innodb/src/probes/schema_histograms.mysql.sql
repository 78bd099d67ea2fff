SELECT COUNT(*) AS columns_measured,
       MAX(TIMESTAMPDIFF(SECOND, LEFT(JSON_UNQUOTE(JSON_EXTRACT(HISTOGRAM, '$."last-updated"')), 19),
                         UTC_TIMESTAMP())) AS oldest_age_s
  FROM information_schema.COLUMN_STATISTICS
 WHERE SCHEMA_NAME = ?
   AND TABLE_NAME = ?
 LIMIT 2