SELECT index_name AS index_name, SUM(stat_value) AS pages
  FROM mysql.innodb_index_stats
 WHERE database_name = ?
   AND (table_name = ? OR LEFT(table_name, CHAR_LENGTH(?)) = ?)
   AND stat_name = 'size'
 GROUP BY index_name
 LIMIT 131