SELECT COUNT(*) AS partitions,
       MIN(PARTITION_METHOD) AS method,
       MIN(SUBPARTITION_METHOD) AS submethod,
       SUM(TABLE_ROWS) AS rows_estimate,
       MAX(DATA_LENGTH + INDEX_LENGTH) AS largest_bytes,
       SUM(DATA_LENGTH + INDEX_LENGTH) AS all_bytes,
       SUM(TABLE_ROWS = 0) AS empty_partitions
  FROM information_schema.PARTITIONS
 WHERE TABLE_SCHEMA = ?
   AND TABLE_NAME = ?
 LIMIT 2