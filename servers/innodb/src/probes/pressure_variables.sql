SHOW GLOBAL VARIABLES WHERE Variable_name LIKE 'innodb\_%'
   OR Variable_name LIKE 'tmp%'
   OR Variable_name LIKE 'temptable\_%'
   OR Variable_name LIKE 'table\_%'
   OR Variable_name LIKE 'thread\_%'
   OR Variable_name LIKE 'binlog\_%'
   OR Variable_name LIKE 'max\_%connections'
   OR Variable_name IN ('max_heap_table_size', 'internal_tmp_mem_storage_engine', 'sort_buffer_size',
                        'sync_binlog', 'log_bin', 'open_files_limit', 'wait_timeout', 'interactive_timeout',
                        'userstat', 'datadir', 'tmpdir', 'innodb_tmpdir', 'performance_schema', 'read_only',
                        'slave_load_tmpdir', 'max_binlog_cache_size', 'back_log')
