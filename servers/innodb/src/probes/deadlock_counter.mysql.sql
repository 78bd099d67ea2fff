SELECT `COUNT` AS deadlocks,
       TIME_ELAPSED AS since_s,
       STATUS = 'enabled' AS enabled
  FROM information_schema.INNODB_METRICS
 WHERE NAME = 'lock_deadlocks'
 LIMIT 2
