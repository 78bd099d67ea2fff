SELECT newest.logged, newest.age_s, newest.data
  FROM (SELECT LOGGED AS logged,
               TIMESTAMPDIFF(MICROSECOND, LOGGED, NOW(6)) / 1000000 AS age_s,
               LEFT(DATA, 64) AS data
          FROM performance_schema.error_log
         WHERE SUBSYSTEM = 'InnoDB'
           AND ERROR_CODE IN ('MY-012468', 'MY-012469')
           AND LOGGED > NOW(6) - INTERVAL 1 HOUR
         ORDER BY LOGGED DESC
         LIMIT 1000) AS newest
 ORDER BY newest.logged DESC
 LIMIT 1001
