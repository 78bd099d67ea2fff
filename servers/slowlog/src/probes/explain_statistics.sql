SELECT n_rows AS row_count,
       TIMESTAMPDIFF(SECOND, last_update, UTC_TIMESTAMP()) AS age_s
  FROM mysql.innodb_table_stats
 WHERE database_name = ?
   AND table_name = ?
 LIMIT 2
