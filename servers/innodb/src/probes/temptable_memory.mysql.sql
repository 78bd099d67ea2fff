SELECT EVENT_NAME AS event_name,
       CURRENT_NUMBER_OF_BYTES_USED AS used_bytes,
       SUM_NUMBER_OF_BYTES_ALLOC AS allocated_bytes
  FROM performance_schema.memory_summary_global_by_event_name
 WHERE EVENT_NAME IN ('memory/temptable/physical_ram', 'memory/temptable/physical_disk')
 LIMIT 3
