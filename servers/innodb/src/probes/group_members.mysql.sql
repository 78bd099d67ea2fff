SELECT m.MEMBER_ID AS member_id,
       m.MEMBER_HOST AS host,
       m.MEMBER_PORT AS port,
       m.MEMBER_STATE AS state,
       m.MEMBER_ROLE AS role,
       s.COUNT_TRANSACTIONS_IN_QUEUE AS certifying,
       s.COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE AS to_apply
  FROM performance_schema.replication_group_members m
  LEFT JOIN performance_schema.replication_group_member_stats s ON s.MEMBER_ID = m.MEMBER_ID
 WHERE m.MEMBER_ID <> ''
 LIMIT 65
