SELECT INDEX_NAME AS index_name,
       NON_UNIQUE AS non_unique,
       COLUMN_NAME AS column_name,
       NULL AS expression_hash,
       COLLATION AS direction,
       SUB_PART AS prefix,
       CARDINALITY AS cardinality,
       NULLABLE AS nullable,
       INDEX_TYPE AS index_type,
       IS_VISIBLE AS visible
  FROM information_schema.STATISTICS
 WHERE TABLE_SCHEMA = ?
   AND TABLE_NAME = ?
 ORDER BY INDEX_NAME, SEQ_IN_INDEX
 LIMIT 1101