use storex_sources::{Flavour, Server, Vendor, Version};

use super::*;
use crate::config::settings::{SettingRow, SourceRow};

fn mysql(pairs: &[(&str, &str)], set: &[&str]) -> Settings {
    let server = Server {
        flavour: Flavour::MySql,
        vendor: Vendor::Community,
        version: Version::parse("8.4.3").unwrap(),
        performance_schema: true,
        read_only: false,
    };
    let values = pairs.iter().map(|(name, value)| SettingRow {
        variable_name: (*name).into(),
        value: Some((*value).into()),
    });
    let sources = set.iter().map(|name| SourceRow {
        variable_name: (*name).into(),
        variable_source: "EXPLICIT".into(),
        variable_path: None,
        set_time: None,
        set_user: None,
        set_host: None,
    });
    Settings::of_mysql(
        &server,
        values.collect(),
        Some(sources.collect()),
        Vec::new(),
    )
}

#[test]
fn what_matters_stands_first_and_what_differs_by_nature_is_left_out() {
    let here = mysql(
        &[
            ("hostname", "a"),
            ("server_uuid", "1"),
            ("port", "3306"),
            ("datadir", "/a"),
            ("gtid_executed", "x"),
            ("myisam_sort_buffer_size", "1"),
            ("innodb_purge_threads", "1"),
            ("sync_binlog", "0"),
            ("long_query_time", "10.000000"),
            ("net_read_timeout", "10"),
        ],
        &["sync_binlog", "net_read_timeout"],
    );
    let there = mysql(
        &[
            ("hostname", "b"),
            ("server_uuid", "2"),
            ("port", "3307"),
            ("datadir", "/b"),
            ("gtid_executed", "y"),
            ("myisam_sort_buffer_size", "2"),
            ("innodb_purge_threads", "4"),
            ("sync_binlog", "1"),
            ("long_query_time", "10"),
            ("net_read_timeout", "30"),
        ],
        &[],
    );
    let found = differences(&here, &there);
    let names: Vec<&str> = found
        .iter()
        .map(|difference| difference.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "sync_binlog",
            "net_read_timeout",
            "innodb_purge_threads",
            "myisam_sort_buffer_size"
        ]
    );
    assert_eq!(
        (found[0].here.as_str(), found[0].there.as_str()),
        ("0", "1")
    );
    assert!(found[0].chosen && !found[2].chosen);
}

#[test]
fn of_flags_those_both_have_are_compared() {
    let here = mysql(
        &[(
            "optimizer_switch",
            "index_merge=off,mrr=on,hash_set_operations=on",
        )],
        &[],
    );
    let there = mysql(&[("optimizer_switch", "index_merge=on,mrr=on")], &[]);
    let found = differences(&here, &there);
    assert_eq!(
        (found[0].here.as_str(), found[0].there.as_str()),
        ("index_merge=off", "index_merge=on")
    );
    assert!(differences(&here, &here).is_empty());
}
