SELECT e.USER AS user,
       e.SUM_ERROR_RAISED AS raised
  FROM performance_schema.users u
  JOIN performance_schema.events_errors_summary_by_user_by_error e
    ON e.USER = u.USER AND e.ERROR_NUMBER = 1213
 WHERE e.SUM_ERROR_RAISED > 0
 ORDER BY e.SUM_ERROR_RAISED DESC
 LIMIT 101
