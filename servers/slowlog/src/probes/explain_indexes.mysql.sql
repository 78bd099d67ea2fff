SELECT INDEX_NAME AS index_name,
       COLUMN_NAME AS column_name,
       SUB_PART AS prefix,
       INDEX_TYPE AS index_type,
       IS_VISIBLE AS visible
  FROM information_schema.STATISTICS
 WHERE TABLE_SCHEMA = ?
   AND TABLE_NAME = ?
 ORDER BY INDEX_NAME, SEQ_IN_INDEX
 LIMIT 1101
