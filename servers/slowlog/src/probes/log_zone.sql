SELECT TIMESTAMPDIFF(MINUTE, moment.utc, CONVERT_TZ(moment.utc, '+00:00', 'SYSTEM')) AS offset_min
  FROM (SELECT UTC_TIMESTAMP() AS utc) AS moment
 LIMIT 2
