//! Settings and files, and what is said of them.

use jiff::{SignedDuration, Timestamp};
use storex_sources::{Compression, Covered, Flavour, LogFile, LogKind, LogListing, LogName};

use super::findings::findings;
use super::{Asked, Known, SettingRow, Settings};

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn listing(kind: LogKind, name: &str, last: Timestamp) -> LogListing {
    LogListing {
        files: vec![LogFile {
            name: LogName::new(name).unwrap(),
            id: "1".to_owned(),
            kind,
            size_bytes: Some(10),
            compression: Compression::None,
            covered: Covered {
                first: Some(ago(600)),
                last: Some(last),
            },
            modified_at: None,
        }],
        in_turn: true,
        ..LogListing::default()
    }
}

/// A server that logs as it should.
const GOOD: [(&str, &str); 12] = [
    ("slow_query_log", "ON"),
    ("slow_query_log_file", "/var/log/mysql/slow.log"),
    ("long_query_time", "0.500000"),
    ("log_output", "FILE"),
    ("log_queries_not_using_indexes", "OFF"),
    ("log_slow_extra", "ON"),
    ("log_slow_verbosity", "query_plan,innodb"),
    ("log_slow_rate_limit", "1"),
    ("min_examined_row_limit", "0"),
    ("log_error", "/var/log/mysql/error.log"),
    ("log_error_verbosity", "2"),
    ("log_timestamps", "UTC"),
];

fn asked(changed: &[(&str, &str)]) -> Asked {
    let rows = GOOD.iter().chain(changed);
    let rows = rows.map(|(name, value)| SettingRow {
        variable_name: (*name).to_owned(),
        value: (*value).to_owned(),
    });
    Asked {
        flavour: Flavour::MySql,
        managed: false,
        settings: Settings::of(rows.collect()),
        started_at: Some(ago(60)),
        slow_queries: Some(5),
        zone_min: Some(0),
    }
}

/// What is found of a server, whose files are named and were last written so.
fn found(asked: Asked, slow: (&str, Timestamp), error: (&str, Timestamp)) -> Vec<&'static str> {
    let known = Known {
        slow: Some(listing(LogKind::Slow, slow.0, slow.1)),
        error: Some(listing(LogKind::Error, error.0, error.1)),
        by_path: true,
        server: Some(asked),
        zone_min: Some(0),
    };
    findings(&known).iter().map(|finding| finding.id).collect()
}

const SLOW: &str = "slow.log";
const ERROR: &str = "error.log";

#[test]
fn a_server_that_logs_as_it_should_gives_no_finding() {
    assert!(found(asked(&[]), (SLOW, ago(1)), (ERROR, ago(59))).is_empty());
    // Rotated files of the log, and a record of the JSON sink.
    let rotated = found(
        asked(&[]),
        ("slow-20261123.log", ago(1)),
        ("error.log.00.json", ago(59)),
    );
    assert!(rotated.is_empty(), "{rotated:?}");
}

#[test]
fn each_setting_that_hides_something_is_told() {
    for (setting, id) in [
        (("slow_query_log", "OFF"), "slow_log_off"),
        (("log_output", "NONE"), "log_output_none"),
        (("log_output", "FILE,NONE"), "log_output_none"),
        (("log_output", "TABLE"), "log_output_table"),
        (("long_query_time", "10.000000"), "long_query_time_high"),
        (("min_examined_row_limit", "1000"), "few_rows_left_out"),
        (("log_slow_rate_limit", "20"), "sampled"),
        (
            ("log_queries_not_using_indexes", "ON"),
            "fast_statements_logged",
        ),
        (("log_slow_extra", "OFF"), "no_extra_fields"),
        (("log_slow_verbosity", ""), "no_extra_fields"),
        (("log_error", "stderr"), "error_log_to_stderr"),
        (("log_error_verbosity", "1"), "warnings_left_out"),
    ] {
        let found = found(asked(&[setting]), (SLOW, ago(1)), (ERROR, ago(59)));
        assert_eq!(found, [id], "{setting:?}");
    }
    let both = found(
        asked(&[("log_output", "TABLE,FILE")]),
        (SLOW, ago(1)),
        (ERROR, ago(59)),
    );
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn a_log_that_is_off_is_not_blamed_for_the_rest() {
    let off = [
        ("slow_query_log", "OFF"),
        ("log_output", "NONE"),
        ("long_query_time", "10"),
    ];
    let found = found(asked(&off), (SLOW, ago(300)), (ERROR, ago(59)));
    assert_eq!(found, ["slow_log_off"]);
}

#[test]
fn a_file_the_server_does_not_write_is_told_once() {
    let other = found(asked(&[]), ("mysqld-7.log", ago(300)), (ERROR, ago(59)));
    assert_eq!(other, ["other_file"]);
    let other = found(asked(&[]), (SLOW, ago(1)), ("old.err", ago(300)));
    assert_eq!(other, ["other_file"]);
}

#[test]
fn a_log_that_has_not_grown_since_the_server_started_is_told() {
    assert_eq!(
        found(asked(&[]), (SLOW, ago(62)), (ERROR, ago(59))),
        ["slow_log_stopped"]
    );
    assert_eq!(
        found(asked(&[]), (SLOW, ago(1)), (ERROR, ago(62))),
        ["error_log_stopped"]
    );
    // Clocks differ a little.
    assert!(found(asked(&[]), (SLOW, ago(1)), (ERROR, ago(61))).is_empty());
    let mut quiet = asked(&[]);
    quiet.slow_queries = Some(0);
    assert!(found(quiet, (SLOW, ago(300)), (ERROR, ago(59))).is_empty());
    let few_rows = asked(&[("min_examined_row_limit", "100")]);
    assert_eq!(
        found(few_rows, (SLOW, ago(300)), (ERROR, ago(59))),
        ["few_rows_left_out"]
    );
}

#[test]
fn a_zone_matters_only_where_the_server_does_not_write_it() {
    let mut mysql = asked(&[]);
    mysql.zone_min = Some(120);
    assert!(found(mysql, (SLOW, ago(1)), (ERROR, ago(59))).is_empty());
    let mut mariadb = asked(&[]);
    mariadb.flavour = Flavour::MariaDb;
    mariadb.zone_min = Some(-210);
    let known = Known {
        error: Some(listing(LogKind::Error, ERROR, ago(59))),
        server: Some(mariadb),
        zone_min: Some(0),
        ..Known::default()
    };
    let findings = findings(&known);
    assert_eq!(
        findings[0].statement,
        "times of the error log are read as +00:00, the server writes -03:30"
    );
}

#[test]
fn on_a_managed_server_the_remedy_is_the_provider_s() {
    let mut managed = asked(&[("slow_query_log", "OFF")]);
    managed.managed = true;
    let known = Known {
        server: Some(managed),
        ..Known::default()
    };
    let step = &findings(&known)[0].remedy[0].step;
    assert!(step.starts_with("in the provider's parameters"), "{step}");
}
