SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Innodb\_%'
   OR Variable_name IN ('Uptime', 'Questions', 'Threads_connected', 'Threads_running', 'Max_used_connections')
