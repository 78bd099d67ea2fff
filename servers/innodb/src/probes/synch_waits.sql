SELECT EVENT_NAME AS event_name,
       COUNT_STAR AS waits,
       SUM_TIMER_WAIT AS wait_ps
  FROM performance_schema.events_waits_summary_global_by_event_name
 WHERE EVENT_NAME LIKE 'wait/synch/%'
   AND COUNT_STAR > 0
 ORDER BY SUM_TIMER_WAIT DESC
 LIMIT 41
