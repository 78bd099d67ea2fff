SELECT @@GLOBAL.gtid_slave_pos AS executed,
       @@GLOBAL.gtid_binlog_state AS written,
       @@GLOBAL.server_id AS own
 LIMIT 2
