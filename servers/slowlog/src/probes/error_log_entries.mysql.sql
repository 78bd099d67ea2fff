SELECT newest.age_s, newest.prio, newest.code, newest.subsystem, newest.logged_message
  FROM (SELECT TIMESTAMPDIFF(MICROSECOND, LOGGED, NOW(6)) / 1000000 AS age_s,
               PRIO AS prio,
               ERROR_CODE AS code,
               SUBSYSTEM AS subsystem,
               LEFT(DATA, 512) AS logged_message
          FROM performance_schema.error_log
         ORDER BY LOGGED DESC
         LIMIT 2000) AS newest
 ORDER BY newest.age_s
 LIMIT 2001
