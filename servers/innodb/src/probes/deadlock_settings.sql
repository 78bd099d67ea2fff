SHOW GLOBAL VARIABLES WHERE Variable_name IN ('innodb_deadlock_detect', 'innodb_deadlock_report',
  'innodb_print_all_deadlocks', 'innodb_lock_wait_timeout', 'log_error_verbosity')
