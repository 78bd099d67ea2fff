SHOW GLOBAL VARIABLES WHERE Variable_name LIKE 'innodb\_%'
   OR Variable_name IN ('max_connections', 'lock_wait_timeout', 'performance_schema', 'read_only')
