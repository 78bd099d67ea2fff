SELECT table_name AS table_name,
       n_rows AS row_count,
       TIMESTAMPDIFF(SECOND, last_update, UTC_TIMESTAMP()) AS age_s
  FROM mysql.innodb_table_stats
 WHERE database_name = ?
   AND (table_name = ? OR LEFT(table_name, CHAR_LENGTH(?)) = ?)
 LIMIT 2001