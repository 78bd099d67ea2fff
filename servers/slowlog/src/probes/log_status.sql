SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', 'Slow_queries')
