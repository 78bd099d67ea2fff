SELECT CURRENT_SCHEMA AS db,
       SQL_TEXT AS sql_text
  FROM performance_schema.events_statements_history
 WHERE DIGEST = ?
 ORDER BY TIMER_WAIT DESC
 LIMIT 11
