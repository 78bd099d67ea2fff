SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Innodb\_%'
   OR Variable_name LIKE 'Created\_tmp\_%'
   OR Variable_name LIKE 'Sort\_%'
   OR Variable_name LIKE 'Binlog\_%'
   OR Variable_name LIKE 'Open%'
   OR Variable_name LIKE 'Table\_open\_cache\_%'
   OR Variable_name LIKE 'Threads\_%'
   OR Variable_name LIKE 'Thread%pool%'
   OR Variable_name LIKE 'Connection%'
   OR Variable_name LIKE 'Aborted\_%'
   OR Variable_name LIKE 'Max\_used\_connections%'
   OR Variable_name IN ('Uptime', 'Questions', 'Slow_queries', 'TempTable_count_hit_max_ram',
                        'Count_hit_tmp_table_size', 'Handler_tmp_write', 'Com_commit', 'Com_rollback',
                        'Max_tmp_space_used', 'Tmp_space_used', 'Prepared_stmt_count')
