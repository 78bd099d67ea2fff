SELECT COUNT(*) AS tables
  FROM information_schema.INNODB_SYS_TABLES
 LIMIT 2