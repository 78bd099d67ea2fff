SELECT COLUMN_NAME AS name,
       DATA_TYPE AS data_type,
       CASE WHEN DATA_TYPE IN ('enum', 'set') THEN NULL ELSE COLUMN_TYPE END AS column_type,
       CASE WHEN DATA_TYPE IN ('enum', 'set')
            THEN 1 + (CHAR_LENGTH(COLUMN_TYPE) - CHAR_LENGTH(REGEXP_REPLACE(COLUMN_TYPE, ''',''', ''))) DIV 3
       END AS members,
       IS_NULLABLE AS nullable,
       CASE WHEN COLUMN_DEFAULT IS NULL OR COLUMN_DEFAULT = 'NULL' THEN NULL
            WHEN COLUMN_DEFAULT LIKE 'current_timestamp%' THEN 'now'
            WHEN COLUMN_DEFAULT REGEXP '^(''|[-0-9.]|[bx]'')' THEN 'constant'
            ELSE 'expression'
       END AS default_kind,
       EXTRA AS extra,
       CHARACTER_OCTET_LENGTH AS octets,
       CHARACTER_SET_NAME AS charset,
       COLLATION_NAME AS collation
  FROM information_schema.COLUMNS
 WHERE TABLE_SCHEMA = ?
   AND TABLE_NAME = ?
 ORDER BY ORDINAL_POSITION
 LIMIT 1101