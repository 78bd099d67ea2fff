use storex_sources::{Vendor, Version};

use super::*;
use crate::config::settings::{SettingRow, SourceRow, SystemVariableRow};
use crate::variables::VariableRow;

fn server(flavour: Flavour, version: &str) -> Server {
    Server {
        flavour,
        vendor: Vendor::Community,
        version: Version::parse(version).unwrap(),
        performance_schema: true,
        read_only: false,
    }
}

const MYSQL: &str = include_str!("../../../fixtures/config/mysql97_defaults.tsv");
const MARIADB: &str = include_str!("../../../fixtures/config/mariadb1011_defaults.tsv");

/// A server as shipped, with some settings put into its option file.
fn settings(flavour: Flavour, set: &[(&str, &str)]) -> Settings {
    let dump = if flavour == Flavour::MySql {
        MYSQL
    } else {
        MARIADB
    };
    let default = dump
        .lines()
        .map(|line| line.split_once('\t').unwrap_or((line, "")));
    let values = default.clone().map(|(name, value)| {
        let value = set
            .iter()
            .find(|(n, _)| *n == name)
            .map_or(value, |(_, value)| value);
        SettingRow {
            variable_name: name.into(),
            value: Some(value.into()),
        }
    });
    let known: Vec<&str> = default.clone().map(|(name, _)| name).collect();
    let added = set
        .iter()
        .filter(|(name, _)| !known.contains(name))
        .map(|(name, value)| SettingRow {
            variable_name: (*name).into(),
            value: Some((*value).into()),
        });
    let values = values.chain(added).collect();
    match flavour {
        Flavour::MySql => {
            let sources = set.iter().map(|(name, _)| SourceRow {
                variable_name: (*name).into(),
                variable_source: "EXPLICIT".into(),
                variable_path: Some("/etc/my.cnf".into()),
                set_time: None,
                set_user: None,
                set_host: None,
            });
            Settings::of_mysql(
                &server(flavour, "9.7.4"),
                values,
                Some(sources.collect()),
                vec![],
            )
        }
        Flavour::MariaDb => {
            let told = default.map(|(name, value)| SystemVariableRow {
                variable_name: name.into(),
                origin: if set.iter().any(|(n, _)| *n == name) {
                    "CONFIG"
                } else {
                    "COMPILE-TIME"
                }
                .into(),
                default_value: Some(value.into()),
                path: None,
            });
            let told = told.collect();
            Settings::of_mariadb(&server(flavour, "10.11.18"), values, told)
        }
    }
}

fn status(pairs: &[(&str, &str)]) -> Variables {
    let row = |(name, value): &(&str, &str)| VariableRow {
        variable_name: (*name).into(),
        value: (*value).into(),
    };
    Variables::of(pairs.iter().map(row).collect())
}

fn found(settings: &Settings, counted: &[(&str, &str)], channels: Option<usize>) -> Vec<Finding> {
    let status = status(counted);
    let view = View {
        settings,
        status: &status,
        channels,
        consumers_off: &[],
    };
    findings(&view, &GlobalChanges::default(), "shop")
}

fn ids(flavour: Flavour, set: &[(&str, &str)]) -> Vec<(&'static str, Severity)> {
    let settings = settings(flavour, set);
    let mut found = found(&settings, &[("Uptime", "86400")], Some(0));
    found.sort_by_key(|finding| finding.severity);
    found
        .iter()
        .map(|finding| (finding.id, finding.severity))
        .collect()
}

#[test]
fn a_server_as_shipped_makes_no_finding() {
    assert_eq!(
        ids(Flavour::MySql, &[]),
        [("files_anywhere", Severity::Info)],
        "the dump's server had no folder"
    );
    assert_eq!(ids(Flavour::MariaDb, &[]), []);
}

#[test]
fn each_dangerous_value_is_told() {
    let quiet = ("secure_file_priv", "/var/lib/mysql-files/");
    for (name, value, id) in [
        ("innodb_flush_log_at_trx_commit", "2", "commits_not_flushed"),
        ("innodb_flush_log_at_trx_commit", "0", "commits_not_flushed"),
        ("sync_binlog", "0", "binlog_not_flushed"),
        ("innodb_doublewrite", "OFF", "doublewrite_off"),
        ("innodb_checksum_algorithm", "none", "page_checksums_off"),
        ("innodb_force_recovery", "1", "force_recovery"),
        ("foreign_key_checks", "OFF", "foreign_keys_unchecked"),
        ("unique_checks", "OFF", "unique_keys_unchecked"),
        ("sql_mode", "", "sql_mode_lenient"),
        ("autocommit", "OFF", "autocommit_off"),
        ("innodb_redo_log_capacity", "8388608", "redo_capacity_small"),
        ("innodb_io_capacity", "100", "io_capacity_low"),
        ("innodb_lock_wait_timeout", "1", "row_lock_wait_short"),
        ("innodb_lock_wait_timeout", "7200", "row_lock_wait_long"),
        ("innodb_deadlock_detect", "OFF", "deadlocks_not_detected"),
        ("transaction_isolation", "SERIALIZABLE", "isolation_unusual"),
        ("wait_timeout", "5", "idle_sessions_cut_early"),
        ("tmp_table_size", "1024", "temporary_tables_spill"),
        ("temptable_max_ram", "2097152", "temporary_memory_small"),
        ("sort_buffer_size", "32768", "sort_buffer_small"),
        ("sort_buffer_size", "268435456", "session_buffer_huge"),
        ("table_open_cache", "40", "table_cache_small"),
        ("binlog_format", "STATEMENT", "binlog_statements"),
        ("binlog_expire_logs_seconds", "0", "binlog_never_purged"),
        ("innodb_stats_persistent", "OFF", "statistics_not_kept"),
        ("innodb_stats_auto_recalc", "OFF", "statistics_not_renewed"),
        ("innodb_thread_concurrency", "2", "threads_limited"),
        ("read_only", "ON", "read_only_without_source"),
        ("general_log", "ON", "general_log_on"),
        ("max_allowed_packet", "4096", "packets_small"),
        ("replica_skip_errors", "all", "replica_errors_skipped"),
    ] {
        assert_eq!(
            ids(Flavour::MySql, &[quiet, (name, value)]).first(),
            Some(&(id, Severity::Warning)),
            "{name}"
        );
    }
    let worst = ids(Flavour::MySql, &[quiet, ("innodb_force_recovery", "6")]);
    assert_eq!(worst, [("force_recovery", Severity::Critical)]);
}

#[test]
fn a_flavours_default_is_a_fact_and_no_mistake() {
    let binlog = [("log_bin", "ON")];
    assert_eq!(
        ids(Flavour::MariaDb, &binlog),
        [
            ("binlog_not_flushed", Severity::Info),
            ("binlog_never_purged", Severity::Info)
        ]
    );
    let query_cache = ids(Flavour::MariaDb, &[("query_cache_type", "ON")]);
    assert_eq!(query_cache, [("query_cache_on", Severity::Warning)]);
}

#[test]
fn a_replica_is_judged_as_one() {
    let settings = settings(Flavour::MySql, &[("replica_parallel_workers", "1")]);
    let ids: Vec<&str> = found(&settings, &[], Some(1))
        .iter()
        .map(|finding| finding.id)
        .collect();
    assert!(
        ids.contains(&"replica_writable") && ids.contains(&"replica_one_thread"),
        "{ids:?}"
    );
}

#[test]
fn counters_since_the_start_say_so_and_need_some_time() {
    let settings = settings(Flavour::MySql, &[]);
    let written = |uptime: &str| {
        let counted = [("Uptime", uptime), ("Innodb_os_log_written", "60000000000")];
        let all = found(&settings, &counted, None);
        all.into_iter()
            .find(|finding| finding.id == "redo_capacity_small")
    };
    assert!(written("60").is_none(), "a minute says nothing");
    let finding = written("3600").unwrap();
    assert!(
        finding.statement.contains("since the start"),
        "{}",
        finding.statement
    );
    let refused = [
        ("Max_used_connections", "151"),
        ("Connection_errors_max_connections", "12"),
    ];
    let all = found(&settings, &refused, None);
    assert!(
        all.iter()
            .any(|finding| finding.id == "connections_at_limit")
    );
}

#[test]
fn every_rule_is_about_a_known_setting_and_has_a_way_back() {
    for rule in ALL.iter().flat_map(|rules| rules.iter()) {
        let (_, setting) = crate::config::catalog::find(rule.setting).unwrap();
        assert_eq!(setting.name, rule.setting);
        let Way { step, safety, cost } = &rule.way;
        assert!(
            !step.is_empty() && !safety.is_empty() && !cost.is_empty(),
            "{}",
            rule.id
        );
    }
}

#[test]
fn storage_that_protects_itself_and_managed_settings_are_known() {
    let aurora = Server {
        vendor: Vendor::Aurora,
        ..server(Flavour::MySql, "8.0.39")
    };
    let value = |(name, value): &(&str, &str)| SettingRow {
        variable_name: (*name).into(),
        value: Some((*value).into()),
    };
    let values = [
        ("innodb_doublewrite", "OFF"),
        ("innodb_checksum_algorithm", "none"),
        ("innodb_log_file_size", "1048576"),
        ("log_bin", "OFF"),
        ("innodb_read_only", "ON"),
        ("autocommit", "OFF"),
    ];
    let settings = Settings::of_mysql(&aurora, values.iter().map(value).collect(), None, vec![]);
    let mut found = found(&settings, &[], None);
    let ids: Vec<&str> = found.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["autocommit_off"]);
    assert!(settings.are_managed());
    story::for_managed(&mut found[0]);
    assert!(found[0].remedy[0].safety.contains("provider's parameter"));
}
