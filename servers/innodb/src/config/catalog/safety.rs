//! What is checked, and who may write.

use super::{INNODB, SERVER, Setting, ma, my, my_computed};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new("read_only", Kind::Switch, SERVER, "refuses writes of ordinary accounts", &[my(8, 0, "OFF"), ma(10, 6, "OFF")]).first(),
    Setting::new("super_read_only", Kind::Switch, SERVER, "refuses writes of administrators too", &[my(8, 0, "OFF")]).first(),
    Setting::new("innodb_read_only", Kind::Switch, INNODB, "InnoDB writes nothing", &[my(8, 0, "OFF"), ma(10, 6, "OFF")]).first(),
    Setting::new("offline_mode", Kind::Switch, SERVER, "refuses ordinary accounts", &[my(8, 0, "OFF")]),
    Setting::new("skip_grant_tables", Kind::Switch, SERVER, "everybody may do everything", &[ma(10, 6, "OFF")]).first(),
    Setting::new("sql_mode", Kind::Words, SERVER, "whether bad data is refused or bent", &[my(8, 0, "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"), ma(10, 6, "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION")]).first(),
    Setting::new("foreign_key_checks", Kind::Switch, SERVER, "without it rows without a parent get in", &[my(8, 0, "ON"), ma(10, 6, "ON")]).first(),
    Setting::new("unique_checks", Kind::Switch, SERVER, "without it doubled keys may get in", &[my(8, 0, "ON"), ma(10, 6, "ON")]).first(),
    Setting::new("check_constraint_checks", Kind::Switch, SERVER, "without it CHECK is not enforced", &[ma(10, 6, "ON")]),
    Setting::new("innodb_strict_mode", Kind::Switch, INNODB, "errors instead of warnings at table options", &[my(8, 0, "ON"), ma(10, 6, "ON")]),
    Setting::new("local_infile", Kind::Switch, SERVER, "a server may ask clients for files", &[my(8, 0, "OFF"), ma(10, 6, "ON")]),
    Setting::new("secure_file_priv", Kind::Word, SERVER, "where files may be read and written", &[my_computed(8, 0), ma(10, 6, "")]),
    Setting::new("event_scheduler", Kind::Word, SERVER, "runs scheduled events", &[my(8, 0, "ON"), ma(10, 6, "OFF")]),
    Setting::new("explicit_defaults_for_timestamp", Kind::Switch, SERVER, "TIMESTAMP columns as the standard says", &[my(8, 0, "ON"), ma(10, 6, "ON")]),
    Setting::new("lower_case_table_names", Kind::Count, SERVER, "set when the server was made", &[my(8, 0, "0"), ma(10, 6, "0")]),
    Setting::new("character_set_server", Kind::Word, SERVER, "character set of new schemas", &[my(8, 0, "utf8mb4"), ma(10, 6, "latin1"), ma(11, 6, "utf8mb4")]),
    Setting::new("collation_server", Kind::Word, SERVER, "collation of new schemas", &[my(8, 0, "utf8mb4_0900_ai_ci"), ma(10, 6, "latin1_swedish_ci"), ma(11, 6, "utf8mb4_uca1400_ai_ci")]),
    Setting::new("time_zone", Kind::Word, SERVER, "time zone of sessions", &[my(8, 0, "SYSTEM"), ma(10, 6, "SYSTEM")]),
];
