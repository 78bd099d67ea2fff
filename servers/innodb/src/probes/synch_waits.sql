SELECT w.EVENT_NAME AS event_name,
       w.COUNT_STAR AS waits,
       w.SUM_TIMER_WAIT AS wait_ps
  FROM performance_schema.setup_instruments i STRAIGHT_JOIN performance_schema.events_waits_summary_global_by_event_name w
    ON w.EVENT_NAME = i.NAME
 WHERE i.NAME LIKE 'wait/synch/%'
   AND i.ENABLED = 'YES'
   AND w.COUNT_STAR > 0
 ORDER BY w.SUM_TIMER_WAIT DESC
 LIMIT 41
