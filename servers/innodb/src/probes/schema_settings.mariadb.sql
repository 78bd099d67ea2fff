SELECT @@GLOBAL.innodb_stats_persistent AS is_persistent,
       @@GLOBAL.innodb_stats_auto_recalc AS is_recalculated,
       @@GLOBAL.innodb_page_size AS page_size_bytes,
       @@GLOBAL.auto_increment_increment AS auto_increment_increment,
       @@GLOBAL.use_stat_tables AS use_stat_tables
 LIMIT 2