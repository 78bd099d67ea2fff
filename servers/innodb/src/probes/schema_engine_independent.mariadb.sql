SELECT t.cardinality AS row_count,
       (SELECT COUNT(*) FROM mysql.index_stats i
         WHERE i.db_name = t.db_name AND i.table_name = t.table_name) AS index_entries
  FROM mysql.table_stats t
 WHERE t.db_name = ?
   AND t.table_name = ?
 LIMIT 2