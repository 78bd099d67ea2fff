SHOW GLOBAL VARIABLES WHERE Variable_name IN ('slow_query_log', 'slow_query_log_file', 'long_query_time', 'log_output',
  'log_queries_not_using_indexes', 'log_slow_extra', 'log_slow_verbosity', 'log_slow_rate_limit', 'slow_query_log_use_global_control',
  'min_examined_row_limit', 'log_error', 'log_error_verbosity', 'log_error_services', 'log_warnings', 'log_timestamps')
