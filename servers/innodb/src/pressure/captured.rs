//! The families on numbers captured on real servers: silent before an incident, and naming its cause
//! and culprit during it. Each file holds two samples of one server and what was seen with the second.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use storex_sources::{Flavour, Server, Vendor, Version};
use storex_tool::Finding;

use super::limits::{
    Counted, ErrorRow, FaultRow, HeldRow, LongRow, Seen, TempMemoryRow, TempSpaceRow,
};
use super::rows::{CurrentRow, DigestRow, DigestTextRow, FileRow, ProcessRow};
use super::samples::{Once, Pair, Sample};
use super::{cache, commit, connections, io, purge, stall, temp};
use crate::variables::{VariableRow, Variables};

#[derive(Deserialize)]
struct Capture {
    window_s: f64,
    settings: HashMap<String, String>,
    texts: Vec<DigestTextRow>,
    before: Half,
    after: Half,
    seen: SeenPart,
}

#[derive(Deserialize)]
struct Half {
    status: HashMap<String, String>,
    files: Vec<FileRow>,
    digests: Vec<DigestRow>,
    current: Vec<CurrentRow>,
    processes: Vec<ProcessRow>,
    errors: Vec<ErrorRow>,
}

#[derive(Deserialize)]
struct SeenPart {
    held: Vec<HeldRow>,
    long: Vec<LongRow>,
    faults: Vec<FaultRow>,
    temp_spaces: Vec<TempSpaceRow>,
}

macro_rules! capture {
    ($name:literal) => {
        pair(
            $name,
            include_str!(concat!("../../fixtures/pressure/", $name, ".json")),
        )
    };
}

fn variables(map: HashMap<String, String>) -> Variables {
    let row = |(variable_name, value)| VariableRow {
        variable_name,
        value,
    };
    Variables::of(map.into_iter().map(row).collect())
}

fn sample(half: Half, read_at: Timestamp) -> Sample {
    Sample {
        read_at,
        status: variables(half.status),
        files: half.files,
        digests: half.digests,
        current: half.current,
        processes: half.processes,
        counted: Counted {
            errors: half.errors,
            ..Counted::default()
        },
        ..Sample::default()
    }
}

fn pair(name: &str, json: &str) -> Pair {
    let capture: Capture = serde_json::from_str(json).unwrap();
    let mysql = name.ends_with("mysql97");
    let server = Server {
        flavour: if mysql {
            Flavour::MySql
        } else {
            Flavour::MariaDb
        },
        vendor: if mysql {
            Vendor::Community
        } else {
            Vendor::MariaDb
        },
        version: Version::parse(if mysql { "9.7.4" } else { "10.11.18" }).unwrap(),
        performance_schema: true,
        read_only: false,
    };
    let then = Timestamp::UNIX_EPOCH;
    let now = then + SignedDuration::try_from_secs_f64(capture.window_s).unwrap();
    let once = Once {
        settings: variables(capture.settings),
        texts: capture.texts,
        seen: Seen {
            held: capture.seen.held,
            long: capture.seen.long,
            faults: capture.seen.faults,
            temp_spaces: capture.seen.temp_spaces,
            ..Seen::default()
        },
        ..Once::default()
    };
    let (before, after) = (sample(capture.before, then), sample(capture.after, now));
    Pair::of("shop", &server, Some(before), after, once)
}

/// What the families of this file find, in their order.
fn findings(pair: &Pair) -> Vec<Finding> {
    [
        stall::findings(pair),
        connections::findings(pair),
        temp::findings(pair),
        commit::findings(pair),
        io::findings(pair),
        cache::findings(pair),
    ]
    .concat()
}

fn only(pair: &Pair, id: &str, parts: &[&str]) {
    let found = findings(pair);
    let ids: Vec<&str> = found.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, [id], "{found:#?}");
    for part in parts {
        assert!(
            found[0].statement.contains(part),
            "{part:?} is not in {}",
            found[0].statement
        );
    }
}

#[test]
fn quiet_servers_are_found_quiet() {
    for pair in [capture!("quiet_mysql97"), capture!("quiet_mariadb1011")] {
        let found = findings(&pair);
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn a_report_whose_temporary_tables_spill_is_named() {
    let parts = ["tmp_table_size", "reporting", "SELECT `grp`", "MiB/s"];
    only(
        &capture!("tmp_spill_mysql97"),
        "temporary_tables_spill",
        &parts,
    );
    let parts = ["tmp_memory_table_size", "reporting", "SELECT `grp`"];
    only(
        &capture!("tmp_spill_mariadb1011"),
        "temporary_tables_spill",
        &parts,
    );
}

#[test]
fn a_batch_of_one_row_transactions_is_named() {
    let parts = [
        "batch",
        "INSERT INTO `audit_log`",
        "each row a transaction",
        "sync_binlog = 1",
    ];
    only(
        &capture!("fsync_commits_mysql97"),
        "tiny_transactions",
        &parts,
    );
    only(
        &capture!("fsync_commits_mariadb1011"),
        "tiny_transactions",
        &parts,
    );
}

#[test]
fn who_leaks_connections_is_named() {
    let id = "idle_connections_use_up_the_limit";
    let parts = [
        "mobile-api",
        "mobile@",
        "holds 45, all idle",
        "of 60",
        "refused",
    ];
    only(&capture!("conn_storm_mysql97"), id, &parts);
    only(&capture!("conn_storm_mariadb1011"), id, &parts);
}

#[test]
fn a_full_disk_is_named_by_the_error_log_or_by_who_waits_for_room() {
    let parts = ["binlog.000001", "hang", "reads go on"];
    only(&capture!("disk_full_binlog_mysql97"), "disk_full", &parts);
    let parts = ["is full", "hang", "user batch", "reads go on"];
    only(
        &capture!("disk_full_binlog_mariadb1011"),
        "disk_full",
        &parts,
    );
}

/// A disk on which each synchronisation takes 60 ms, made from a quiet server: the mean since the
/// server started would hide it.
#[test]
fn a_slow_disk_is_told_from_many_commits() {
    let mut pair = capture!("quiet_mysql97");
    assert!(io::findings(&pair).is_empty());
    let binlog = pair
        .before
        .files
        .iter()
        .find(|row| row.event_name.ends_with("sql/binlog"));
    let (misc, misc_ps) = binlog.map(|row| (row.misc, row.misc_ps)).unwrap();
    for row in &mut pair.after.files {
        if row.event_name.ends_with("sql/binlog") {
            row.misc_ps = misc_ps + (row.misc - misc) * 60_000_000_000;
        }
    }
    only(
        &pair,
        "slow_disk",
        &["60 ms per binlog sync", "little is asked"],
    );
    assert!(commit::findings(&pair).is_empty());
}

/// The same server with one figure or setting changed.
pub(super) fn set(variables: &mut Variables, name: &str, value: &str) {
    let others = std::mem::take(variables).into_rows();
    let changed = VariableRow {
        variable_name: name.to_owned(),
        value: value.to_owned(),
    };
    *variables = Variables::of(others.into_iter().chain([changed]).collect());
}

/// A count that `Created_tmp_disk_tables` does not show: taken from a quiet server, with the limit hit.
#[test]
fn a_full_temptable_max_ram_is_told_although_no_disk_table_is_counted() {
    let mut pair = capture!("quiet_mysql97");
    let hits = "temptable_count_hit_max_ram";
    set(&mut pair.after.status, hits, "7");
    set(&mut pair.once.settings, "temptable_max_ram", "2097152");
    only(
        &pair,
        "temptable_max_ram_full",
        &["temptable_max_ram = 2 MiB"],
    );
}

/// Version 8.0 counts no hits, and limits one table by `tmp_table_size` from 8.0.28 on only.
#[test]
fn older_versions_tell_a_full_temptable_max_ram_by_what_is_in_use() {
    let mut pair = capture!("tmp_spill_mysql97");
    set(&mut pair.once.settings, "temptable_max_ram", "2097152");
    let named = |pair: &Pair| {
        let found = temp::findings(pair);
        (
            found[0].id,
            found[0].statement.contains("temptable_max_ram = 2 MiB"),
        )
    };
    assert_eq!(named(&pair), ("temporary_tables_spill", false));
    pair.server.version = Version::parse("8.0.27").unwrap();
    assert_eq!(named(&pair), ("temporary_tables_spill", true));
    pair.after.counted.temp_memory = vec![TempMemoryRow {
        event_name: "memory/temptable/physical_ram".into(),
        used_bytes: 2_097_152,
        allocated_bytes: 9_000_000,
    }];
    assert_eq!(named(&pair), ("temptable_max_ram_full", true));
}

#[test]
fn a_table_cache_is_too_small_only_when_it_is_full() {
    for (cache, found) in [("4000", false), ("200", true)] {
        let mut pair = capture!("quiet_mysql97");
        let opened = pair.then(&["opened_tables"]).unwrap() + 1_000;
        set(&mut pair.after.status, "opened_tables", &opened.to_string());
        set(&mut pair.after.status, "open_tables", "200");
        set(&mut pair.once.settings, "table_open_cache", cache);
        assert_eq!(!cache::findings(&pair).is_empty(), found, "{cache}");
    }
}

#[test]
fn a_counter_that_went_backwards_gives_no_figure() {
    let mut pair = capture!("tmp_spill_mysql97");
    std::mem::swap(&mut pair.before, &mut pair.after);
    let figures = temp::figures(&pair);
    assert_eq!(figures.tables_per_s, None);
    assert_eq!(figures.written_bytes_per_s, None);
    assert_eq!(commit::figures(&pair).redo_syncs_per_s, None);
}

/// A burst of small commits is a little ahead of purge; one that purge hardly follows outruns it.
#[test]
fn purge_is_outrun_when_little_of_what_commits_add_is_removed() {
    for (growth, found) in [(850.0, false), (5_000.0, true)] {
        let mut pair = capture!("fsync_commits_mariadb1011");
        let window = pair.window_s.unwrap();
        let commits = pair.then(&["binlog_commits"]).unwrap() as f64 + 9_000.0 * window;
        let commits = commits.round().to_string();
        set(&mut pair.after.status, "binlog_commits", &commits);
        set(
            &mut pair.before.status,
            "innodb_history_list_length",
            "4999",
        );
        let length = (4_999.0 + growth * window).round().to_string();
        set(
            &mut pair.after.status,
            "innodb_history_list_length",
            &length,
        );
        assert_eq!(!purge::findings(&pair).is_empty(), found, "{growth}");
    }
}

/// Nothing of files is known, as of MariaDB's redo log: the sessions in commit tell it.
#[test]
fn slow_commits_are_told_by_how_many_sessions_are_in_commit() {
    let mut pair = capture!("fsync_commits_mariadb1011");
    pair.after.files.clear();
    let commits = pair.then(&["binlog_commits"]).unwrap() + 400;
    set(
        &mut pair.after.status,
        "binlog_commits",
        &commits.to_string(),
    );
    let found = commit::findings(&pair);
    let ids: Vec<&str> = found.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["commits_slow"], "{found:#?}");
}
