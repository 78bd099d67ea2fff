SELECT EVENT_NAME AS event_name,
       COUNT_READ AS `reads`,
       SUM_TIMER_READ AS read_ps,
       SUM_NUMBER_OF_BYTES_READ AS read_bytes,
       COUNT_WRITE AS `writes`,
       SUM_TIMER_WRITE AS write_ps,
       SUM_NUMBER_OF_BYTES_WRITE AS write_bytes,
       COUNT_MISC AS misc,
       SUM_TIMER_MISC AS misc_ps
  FROM performance_schema.file_summary_by_event_name
 WHERE COUNT_STAR > 0
 LIMIT 201
