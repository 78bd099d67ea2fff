use std::collections::BTreeSet;

use storex_sources::{Flavour, Vendor, Version};

use super::*;

fn server(flavour: Flavour, version: &str) -> Server {
    Server {
        flavour,
        vendor: Vendor::Community,
        version: Version::parse(version).unwrap(),
        performance_schema: true,
        read_only: false,
    }
}

#[test]
fn every_name_is_there_once_and_every_setting_exists_somewhere() {
    let mut names = BTreeSet::new();
    for (_, setting) in all() {
        for name in std::iter::once(&setting.name).chain(setting.other_names) {
            assert!(names.insert(*name), "{name} is there twice");
            assert!(
                !crate::config::secrets::is_secret(name),
                "{name} may hold a secret"
            );
        }
        assert!(!setting.defaults.is_empty(), "{}", setting.name);
        assert!(
            !setting.why.is_empty() && !setting.why.ends_with('.'),
            "{}",
            setting.name
        );
    }
    assert!(names.len() > 180, "{}", names.len());
}

#[test]
fn defaults_follow_version_and_flavour() {
    let default = |name: &str, flavour, version: &str| {
        find(name).and_then(|(_, setting)| setting.default_on(&server(flavour, version)))
    };
    assert_eq!(
        default("innodb_io_capacity", Flavour::MySql, "8.0.36"),
        Some("200")
    );
    assert_eq!(
        default("innodb_io_capacity", Flavour::MySql, "8.4.3"),
        Some("10000")
    );
    assert_eq!(
        default("innodb_io_capacity", Flavour::MariaDb, "10.11.6"),
        Some("200")
    );
    assert_eq!(
        default("sync_binlog", Flavour::MariaDb, "11.8.2"),
        Some("0")
    );
    assert_eq!(
        default("innodb_purge_threads", Flavour::MySql, "8.4.0"),
        None
    );
    assert_eq!(default("join_cache_level", Flavour::MySql, "9.7.0"), None);
    assert_eq!(
        default("optimizer_prune_level", Flavour::MariaDb, "10.6.16"),
        Some("1")
    );
}

#[test]
fn former_names_lead_to_the_present_one() {
    for (former, present) in [
        ("tx_isolation", "transaction_isolation"),
        ("slave_parallel_workers", "replica_parallel_workers"),
        ("log_slow_query_time", "long_query_time"),
        ("log_slave_updates", "log_replica_updates"),
    ] {
        assert_eq!(find(former).unwrap().1.name, present);
    }
}

/// What a real server answers that was started without any option, as far as the table knows it.
fn agrees(flavour: Flavour, version: &str, dump: &str) {
    let server = server(flavour, version);
    let mut seen = 0;
    for line in dump.lines() {
        let (name, value) = line.split_once('\t').unwrap_or((line, ""));
        let Some((_, setting)) = find(name) else {
            continue;
        };
        let Some(default) = setting.default_on(&server) else {
            continue;
        };
        seen += 1;
        assert!(
            setting.kind.same(value, default),
            "{name} is {value}, not {default}"
        );
    }
    assert!(seen > 120, "only {seen} settings were compared");
}

#[test]
fn the_table_agrees_with_a_server_of_mysql_as_shipped() {
    agrees(
        Flavour::MySql,
        "9.7.4",
        include_str!("../../../fixtures/config/mysql97_defaults.tsv"),
    );
}

#[test]
fn the_table_agrees_with_a_server_of_mariadb_as_shipped() {
    agrees(
        Flavour::MariaDb,
        "10.11.18",
        include_str!("../../../fixtures/config/mariadb1011_defaults.tsv"),
    );
}
