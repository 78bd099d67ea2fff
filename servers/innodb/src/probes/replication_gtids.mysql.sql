SELECT @@GLOBAL.gtid_executed AS executed,
       NULL AS written,
       @@GLOBAL.server_uuid AS own
 LIMIT 2
