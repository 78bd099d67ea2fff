SELECT SUBSTRING_INDEX(f.ID, '/', -1) AS name,
       c.REF_COL_NAME AS column_name,
       SUBSTRING_INDEX(f.FOR_NAME, '/', 1) AS other_schema,
       SUBSTRING_INDEX(f.FOR_NAME, '/', -1) AS other_table,
       c.FOR_COL_NAME AS other_column,
       CASE WHEN f.TYPE & 4 THEN 'CASCADE' WHEN f.TYPE & 8 THEN 'SET NULL'
            WHEN f.TYPE & 32 THEN 'NO ACTION' ELSE 'RESTRICT' END AS update_rule,
       CASE WHEN f.TYPE & 1 THEN 'CASCADE' WHEN f.TYPE & 2 THEN 'SET NULL'
            WHEN f.TYPE & 16 THEN 'NO ACTION' ELSE 'RESTRICT' END AS delete_rule
  FROM information_schema.INNODB_SYS_FOREIGN f
  JOIN information_schema.INNODB_SYS_FOREIGN_COLS c ON c.ID = f.ID
 WHERE f.REF_NAME = CONCAT(?, '/', ?)
 ORDER BY f.FOR_NAME, f.ID, c.POS
 LIMIT 201