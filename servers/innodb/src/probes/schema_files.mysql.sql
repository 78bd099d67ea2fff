SELECT COUNT(*) AS files,
       SUM(FILE_SIZE) AS file_bytes,
       SUM(ALLOCATED_SIZE) AS allocated_bytes
  FROM information_schema.INNODB_TABLESPACES
 WHERE NAME = ?
    OR LEFT(NAME, CHAR_LENGTH(?)) = ?
 LIMIT 2