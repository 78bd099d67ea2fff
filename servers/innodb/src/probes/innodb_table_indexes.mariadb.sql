SELECT i.NAME AS index_name
  FROM information_schema.INNODB_SYS_TABLES t
  JOIN information_schema.INNODB_SYS_INDEXES i ON i.TABLE_ID = t.TABLE_ID
 WHERE t.NAME = CONCAT(?, '/', ?)
 LIMIT 101
