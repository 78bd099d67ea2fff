SELECT SUBSTRING_INDEX(t.NAME, '/', 1) AS table_schema,
       SUBSTRING_INDEX(t.NAME, '/', -1) AS table_name
  FROM information_schema.INNODB_SYS_INDEXES i
  JOIN information_schema.INNODB_SYS_TABLES t ON t.TABLE_ID = i.TABLE_ID
 WHERE i.NAME = 'GEN_CLUST_INDEX'
   AND SUBSTRING_INDEX(t.NAME, '/', 1) NOT IN ('mysql', 'sys')
   AND (? = '' OR SUBSTRING_INDEX(t.NAME, '/', 1) = ?)
 LIMIT 51