SELECT c.TABLE_SCHEMA AS table_schema,
       c.TABLE_NAME AS table_name,
       s.AUTOINC AS next_auto_increment
  FROM information_schema.COLUMNS c
  JOIN information_schema.INNODB_TABLESTATS s
    ON s.NAME = CONCAT(c.TABLE_SCHEMA, '/', c.TABLE_NAME)
 WHERE c.EXTRA LIKE '%auto_increment%'
   AND (? = '' OR c.TABLE_SCHEMA = ?)
   AND s.AUTOINC >= 0.8 * CASE c.DATA_TYPE WHEN 'tinyint' THEN 127 WHEN 'smallint' THEN 32767
                                           WHEN 'mediumint' THEN 8388607 WHEN 'int' THEN 2147483647
                                           ELSE 9223372036854775807 END
 ORDER BY s.AUTOINC DESC
 LIMIT 21