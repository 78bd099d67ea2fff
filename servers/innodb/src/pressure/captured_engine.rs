//! The families of the engine on numbers captured on real servers: silent before an incident, and
//! naming its cause and culprit during it. Each file holds two samples before (`calm`) and two around
//! the beginning of the incident.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use storex_sources::{Flavour, Server, Vendor, Version};
use storex_tool::Finding;

use super::captured::set;
use super::rows::{CurrentRow, DigestRow, DigestTextRow, FileRow, OriginRow, WarningRow};
use super::samples::{Once, Pair, Sample};
use super::{flush, latch, pool, purge, rank, redo};
use crate::monitor;
use crate::open::{Purge, join};
use crate::sessions::{SessionRow, Sessions, TrxRow};
use crate::variables::{VariableRow, Variables};

type Map = HashMap<String, String>;

#[derive(Deserialize)]
struct Capture {
    window_s: f64,
    calm: Calm,
    calm_settings: Map,
    settings: Map,
    origins: Vec<OriginRow>,
    warnings: Vec<WarningRow>,
    texts: Vec<DigestTextRow>,
    before: Half,
    after: Half,
    transactions: Vec<TrxRow>,
    sessions: Vec<SessionRow>,
    monitor: String,
}

#[derive(Deserialize)]
struct Calm {
    window_s: f64,
    before: Map,
    after: Map,
}

#[derive(Deserialize)]
struct Half {
    status: Map,
    metrics: Map,
    files: Vec<FileRow>,
    digests: Vec<DigestRow>,
    current: Vec<CurrentRow>,
}

macro_rules! capture {
    ($name:literal) => {
        (
            if $name.ends_with("mysql97") {
                Flavour::MySql
            } else {
                Flavour::MariaDb
            },
            serde_json::from_str::<Capture>(include_str!(concat!(
                "../../fixtures/pressure/engine/",
                $name,
                ".json"
            )))
            .unwrap(),
        )
    };
}

fn variables(map: Map) -> Variables {
    let row = |(variable_name, value)| VariableRow {
        variable_name,
        value,
    };
    Variables::of(map.into_iter().map(row).collect())
}

fn server(flavour: Flavour) -> Server {
    let (vendor, version) = match flavour {
        Flavour::MySql => (Vendor::Community, "9.7.4"),
        Flavour::MariaDb => (Vendor::MariaDb, "10.11.18"),
    };
    Server {
        flavour,
        vendor,
        version: Version::parse(version).unwrap(),
        performance_schema: true,
        read_only: false,
    }
}

fn pair(flavour: Flavour, before: Sample, mut after: Sample, window_s: f64, once: Once) -> Pair {
    let gap = SignedDuration::try_from_secs_f64(window_s).unwrap();
    after.read_at = before.read_at + gap;
    Pair::of("shop", &server(flavour), Some(before), after, once)
}

fn calm((flavour, capture): (Flavour, Capture)) -> Pair {
    let sample = |status| Sample {
        read_at: Timestamp::UNIX_EPOCH,
        status: variables(status),
        ..Sample::default()
    };
    let once = Once {
        settings: variables(capture.calm_settings),
        ..Once::default()
    };
    let calm = capture.calm;
    let (before, after) = (sample(calm.before), sample(calm.after));
    pair(flavour, before, after, calm.window_s, once)
}

fn during((flavour, capture): (Flavour, Capture)) -> Pair {
    let sample = |half: Half| Sample {
        read_at: Timestamp::UNIX_EPOCH,
        status: variables(half.status),
        metrics: variables(half.metrics),
        files: half.files,
        digests: half.digests,
        current: half.current,
        ..Sample::default()
    };
    let monitor = monitor::parse(&capture.monitor);
    let history = monitor
        .transactions
        .as_ref()
        .and_then(|transactions| transactions.history_list_length);
    let purge = Purge::of(Some(&monitor), &capture.transactions, history);
    let sessions = Sessions::join(
        capture.sessions,
        capture.transactions.clone(),
        Vec::new(),
        Vec::new(),
    );
    let open = join(&capture.transactions, &sessions, Some(&monitor), &purge);
    let once = Once {
        settings: variables(capture.settings),
        origins: capture.origins,
        texts: capture.texts,
        warnings: capture.warnings,
        monitor,
        open,
        purge,
        ..Once::default()
    };
    let (before, after) = (sample(capture.before), sample(capture.after));
    pair(flavour, before, after, capture.window_s, once)
}

fn findings(pair: &Pair) -> Vec<Finding> {
    let all = [
        pool::findings(pair),
        redo::findings(pair),
        purge::findings(pair),
        flush::findings(pair),
        latch::findings(pair),
    ];
    rank::rank(all.into_iter().flatten().collect())
}

fn assert_calm(pair: &Pair) {
    let found = findings(pair);
    assert!(found.is_empty(), "{found:#?}");
    assert!(pool::figures(pair).requests_per_s.is_some());
    assert!(redo::figures(pair).checkpoint_age_bytes.is_some());
}

/// The first finding is this one, and its sentence names all this.
fn assert_first(pair: &Pair, id: &str, parts: &[&str]) -> Finding {
    let found = findings(pair);
    let first = found.first().expect("nothing was found");
    assert_eq!(first.id, id, "{found:#?}");
    for part in parts {
        assert!(first.statement.contains(part), "{part:?}: {found:#?}");
    }
    first.clone()
}

#[test]
fn before_the_incidents_nothing_is_found() {
    assert_calm(&calm(capture!("bp_thrash_mysql97")));
    assert_calm(&calm(capture!("bp_thrash_mariadb1011")));
    assert_calm(&calm(capture!("redo_small_mysql97")));
    assert_calm(&calm(capture!("redo_small_mariadb1011")));
    assert_calm(&calm(capture!("history_growth_mysql97")));
    assert_calm(&calm(capture!("history_growth_mariadb1011")));
}

#[test]
fn an_export_that_floods_a_shrunk_pool_is_named() {
    let parts = ["reporting", "FROM `archive`", "24 MiB buffer pool"];
    let mysql = during(capture!("bp_thrash_mysql97"));
    let finding = assert_first(&mysql, "scan_floods_buffer_pool", &parts);
    let shrunk = "set at run time 17 s ago by root@localhost";
    assert!(finding.statement.contains(shrunk), "{finding:#?}");
    let mariadb = during(capture!("bp_thrash_mariadb1011"));
    assert_first(&mariadb, "scan_floods_buffer_pool", &parts);
}

#[test]
fn both_servers_misses_are_counted_without_read_ahead() {
    // In the window MySQL read 12,297 pages on demand and 86,625 ahead, MariaDB 38,610 and 237,855.
    let figures = |pair: &Pair| {
        let figures = pool::figures(pair);
        let window = pair.window_s.unwrap();
        (
            (figures.misses_per_s.unwrap() * window).round(),
            (figures.read_ahead_per_s.unwrap() * window).round(),
        )
    };
    let near = |a: f64, b: f64| (a - b).abs() / b < 0.05;
    let (misses, ahead) = figures(&during(capture!("bp_thrash_mysql97")));
    assert!(
        near(misses, 12_297.0) && near(ahead, 86_625.0),
        "{misses} {ahead}"
    );
    let (misses, ahead) = figures(&during(capture!("bp_thrash_mariadb1011")));
    assert!(
        near(misses, 38_610.0) && near(ahead, 237_855.0),
        "{misses} {ahead}"
    );
}

#[test]
fn a_tiny_redo_log_is_named_with_its_writer() {
    let parts = ["8 MiB", "worker", "UPDATE `archive`", "writers wait"];
    let mysql = during(capture!("redo_small_mysql97"));
    let finding = assert_first(&mysql, "redo_log_too_small", &parts);
    let step = &finding.remedy.first().unwrap().step;
    assert!(step.contains("innodb_redo_log_capacity"), "{step}");
    let mariadb = during(capture!("redo_small_mariadb1011"));
    let finding = assert_first(&mariadb, "redo_log_too_small", &parts);
    let step = &finding.remedy.first().unwrap().step;
    assert!(step.contains("innodb_log_file_size"), "{step}");
}

/// A quick disk keeps the age low whenever it is read, and every page is written again and again.
#[test]
fn a_redo_log_turned_over_within_a_second_is_named_whatever_its_age() {
    for (written_mib, found) in [(8_u64, false), (1_000, true)] {
        let mut pair = during(capture!("redo_small_mysql97"));
        pair.once.warnings.clear();
        pair.after.metrics = Variables::default();
        let start = pair.then(&["innodb_redo_log_current_lsn"]).unwrap();
        for (sample, lsn) in [
            (&mut pair.before, start),
            (&mut pair.after, start + (written_mib << 20)),
        ] {
            let checkpoint = (lsn - (2 << 20)).to_string();
            set(
                &mut sample.status,
                "innodb_redo_log_checkpoint_lsn",
                &checkpoint,
            );
            set(
                &mut sample.status,
                "innodb_redo_log_current_lsn",
                &lsn.to_string(),
            );
        }
        assert_eq!(!redo::findings(&pair).is_empty(), found, "{written_mib}");
    }
}

#[test]
fn a_redo_log_as_large_as_advised_is_not_called_too_small() {
    for (capacity_mib, id) in [
        (512_u64, "redo_log_too_small"),
        (1_024, "checkpoint_age_high"),
    ] {
        let mut pair = during(capture!("redo_small_mysql97"));
        pair.after.metrics = Variables::default();
        let written = pair.then(&["innodb_redo_log_current_lsn"]).unwrap() + (1_000 << 20);
        let figures = [
            ("innodb_redo_log_capacity_resized", capacity_mib << 20),
            ("innodb_redo_log_current_lsn", written),
            ("innodb_redo_log_checkpoint_lsn", written - (900 << 20)),
        ];
        for (name, figure) in figures {
            set(&mut pair.after.status, name, &figure.to_string());
        }
        assert_eq!(redo::findings(&pair)[0].id, id, "{capacity_mib}");
    }
}

#[test]
fn the_holder_of_a_growing_history_is_named() {
    for capture in [
        capture!("history_growth_mysql97"),
        capture!("history_growth_mariadb1011"),
    ] {
        let pair = during(capture);
        assert_first(&pair, "purge_held_by_read_view", &["reporting"]);
        assert!(purge::figures(&pair).growth_per_s.unwrap() > 100.0);
    }
}
