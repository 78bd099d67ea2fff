use storex_sources::{Flavour, Version};

use super::*;

fn server(flavour: Flavour, vendor: Vendor, version: &str) -> Server {
    Server {
        flavour,
        vendor,
        version: Version::parse(version).unwrap(),
        performance_schema: true,
        read_only: false,
    }
}

fn community() -> Server {
    server(Flavour::MySql, Vendor::Community, "9.7.4")
}

fn value(name: &str, value: &str) -> SettingRow {
    SettingRow {
        variable_name: name.into(),
        value: Some(value.into()),
    }
}

fn source(name: &str, source: &str) -> SourceRow {
    SourceRow {
        variable_name: name.into(),
        variable_source: source.into(),
        variable_path: Some("/etc/my.cnf".into()),
        set_time: Some("2026-11-23 07:19:30.886657".into()),
        set_user: Some("reporting".into()),
        set_host: None,
    }
}

fn one(values: Vec<SettingRow>, sources: Vec<SourceRow>, persisted: Vec<SettingRow>) -> Settings {
    Settings::of_mysql(&community(), values, Some(sources), persisted)
}

#[test]
fn a_session_that_sets_its_own_copy_changes_nothing() {
    let settings = one(
        vec![value("autocommit", "ON")],
        vec![source("autocommit", "DYNAMIC")],
        vec![],
    );
    let autocommit = settings.get("autocommit").unwrap();
    assert_eq!(autocommit.origin, Origin::Runtime);
    assert!(!autocommit.is_changed());
    assert_eq!(autocommit.after_restart(), None);
}

#[test]
fn a_value_set_at_run_time_is_lost_unless_it_was_persisted() {
    let after = |persisted: Vec<SettingRow>| {
        let settings = one(
            vec![value("sync_binlog", "5")],
            vec![source("sync_binlog", "DYNAMIC")],
            persisted,
        );
        settings.get("sync_binlog").unwrap().after_restart()
    };
    assert_eq!(after(vec![]), Some(AfterRestart::FileOrDefault));
    assert_eq!(after(vec![value("sync_binlog", "5")]), None);
    assert_eq!(
        after(vec![value("sync_binlog", "0")]),
        Some(AfterRestart::Persisted("0".into()))
    );
}

#[test]
fn what_waits_for_a_restart_is_told() {
    let settings = one(
        vec![value("innodb_redo_log_capacity", "104857600")],
        vec![],
        vec![value("innodb_redo_log_capacity", "268435456")],
    );
    let capacity = settings.get("innodb_redo_log_capacity").unwrap();
    assert!(!capacity.is_changed());
    assert_eq!(
        capacity.after_restart(),
        Some(AfterRestart::Persisted("268435456".into()))
    );
    let finding = crate::config::restart::finding(&settings).unwrap();
    assert_eq!(
        finding.statement,
        "a restart changes 1 setting that matters: innodb_redo_log_capacity from 100 MiB to 256 MiB"
    );
}

#[test]
fn of_what_the_server_computes_only_a_record_of_the_server_itself_counts() {
    let changed = |name: &str| {
        let settings = one(
            vec![value(name, "2097152")],
            vec![source(name, "DYNAMIC")],
            vec![],
        );
        settings.get(name).unwrap().is_changed()
    };
    assert!(changed("temptable_max_ram"));
    assert!(!changed("myisam_sort_buffer_size"));
}

#[test]
fn two_names_of_one_setting_are_one() {
    let settings = one(
        vec![
            value("slave_parallel_workers", "0"),
            value("replica_parallel_workers", "0"),
        ],
        vec![source("slave_parallel_workers", "EXPLICIT")],
        vec![],
    );
    assert_eq!(settings.all().count(), 1);
    let workers = settings.get("replica_parallel_workers").unwrap();
    assert_eq!(
        (workers.name.as_str(), workers.origin),
        ("replica_parallel_workers", Origin::File)
    );
    assert!(workers.is_changed());
}

#[test]
fn a_former_name_is_shown_where_the_server_knows_no_other() {
    let mariadb = server(Flavour::MariaDb, Vendor::MariaDb, "10.11.6");
    let settings = Settings::of_mariadb(
        &mariadb,
        vec![value("tx_isolation", "SERIALIZABLE")],
        vec![],
    );
    let isolation = settings.get("transaction_isolation").unwrap();
    assert_eq!(isolation.name, "tx_isolation");
    assert!(isolation.is_changed());
}

#[test]
fn a_providers_file_is_its_parameter_group() {
    let rds = server(Flavour::MySql, Vendor::Rds, "8.4.3");
    let settings = Settings::of_mysql(
        &rds,
        vec![value("max_connections", "400")],
        Some(vec![source("max_connections", "EXPLICIT")]),
        vec![],
    );
    assert_eq!(
        settings.get("max_connections").unwrap().origin,
        Origin::ParameterGroup
    );
}

#[test]
fn mariadbs_own_default_counts_and_what_it_computes_has_none() {
    let mariadb = server(Flavour::MariaDb, Vendor::MariaDb, "10.11.6");
    let told = |name: &str, origin: &str, default: &str| SystemVariableRow {
        variable_name: name.into(),
        origin: origin.into(),
        default_value: Some(default.into()),
        path: None,
    };
    let settings = Settings::of_mariadb(
        &mariadb,
        vec![
            value("OPEN_FILES_LIMIT", "20000"),
            value("MAX_CONNECTIONS", "77"),
            value("INNODB_IO_CAPACITY_MAX", "2000"),
        ],
        vec![
            told("OPEN_FILES_LIMIT", "AUTO", "0"),
            told("MAX_CONNECTIONS", "SQL", "151"),
            told("INNODB_IO_CAPACITY_MAX", "COMPILE-TIME", "4294967295"),
        ],
    );
    let changed: Vec<&str> = settings
        .all()
        .filter(|current| current.is_changed())
        .map(|current| current.name.as_str())
        .collect();
    assert_eq!(changed, ["max_connections"]);
}

#[test]
fn without_origins_a_value_is_measured_against_the_default() {
    let values = vec![value("sync_binlog", "0"), value("innodb_doublewrite", "ON")];
    let settings = Settings::of_mysql(&community(), values, None, vec![]);
    assert!(settings.is_changed("sync_binlog"));
    assert!(!settings.is_changed("innodb_doublewrite"));
}

#[test]
fn secrets_are_not_kept_even_if_they_were_read() {
    let settings = one(
        vec![
            value("report_password", "canary"),
            value("init_connect", "canary"),
        ],
        vec![],
        vec![],
    );
    assert_eq!(settings.all().count(), 0);
    assert!(!format!("{settings:?}").contains("canary"));
}

#[test]
fn redo_capacity_is_one_setting_or_files_of_one_size() {
    let files = vec![
        value("innodb_log_file_size", "50331648"),
        value("innodb_log_files_in_group", "2"),
    ];
    let old = Settings::of_mysql(&community(), files, None, vec![]);
    assert_eq!(old.redo_capacity_bytes(), Some(100_663_296.0));
    let new = one(
        vec![value("innodb_redo_log_capacity", "104857600")],
        vec![],
        vec![],
    );
    assert_eq!(new.redo_capacity_bytes(), Some(104_857_600.0));
}
