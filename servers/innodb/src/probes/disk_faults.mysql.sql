WITH latest AS (
  SELECT ERROR_CODE AS code,
         LEFT(DATA, 400) AS text,
         TIMESTAMPDIFF(SECOND, LOGGED, NOW(6)) AS age_s
    FROM performance_schema.error_log
   WHERE LOGGED >= NOW(6) - INTERVAL 30 MINUTE
     AND PRIO IN ('Error', 'Warning')
     AND (ERROR_CODE IN ('MY-000035', 'MY-012639') OR DATA LIKE '%No space left on device%'
          OR DATA LIKE '%Disk is full%' OR DATA LIKE '%table % is full%' OR DATA LIKE '%ut of disk space%')
   ORDER BY LOGGED DESC
   LIMIT 20
)
SELECT code, text, age_s
  FROM latest
 ORDER BY age_s
 LIMIT 21
