SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Rpl\_semi\_sync\_%'
