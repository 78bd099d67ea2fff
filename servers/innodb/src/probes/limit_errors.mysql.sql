SELECT COALESCE(ERROR_NUMBER, 0) AS number,
       SUM_ERROR_RAISED AS raised
  FROM performance_schema.events_errors_summary_global_by_error
 WHERE ERROR_NUMBER IN (1021, 1026, 1040, 1114, 1135, 1203, 1226, 1836, 1878)
    OR ERROR_NUMBER IS NULL
 LIMIT 21
