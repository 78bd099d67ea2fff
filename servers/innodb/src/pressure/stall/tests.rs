//! Stalls made by hand: the states servers print, each with its cause.

use super::super::limits::{FaultRow, LongRow, PoolGroupRow};
use super::super::samples::{Once, Pair, Sample};
use super::*;
use crate::variables::{VariableRow, Variables};
use storex_sources::{Flavour, Server, Vendor, Version};

fn session(id: u64, time_s: f64, state: &str, info: &str) -> LongRow {
    LongRow {
        id,
        user: Some("checkout".into()),
        host: Some("10.0.0.7:51234".into()),
        command: Some("Query".into()),
        time_s,
        state: Some(state.into()),
        info: Some(info.into()),
    }
}

fn pair(long: Vec<LongRow>) -> Pair {
    let server = Server {
        flavour: Flavour::MySql,
        vendor: Vendor::Community,
        version: Version::parse("8.0.36").unwrap(),
        performance_schema: true,
        read_only: false,
    };
    let mut once = Once::default();
    once.seen.long = long;
    Pair::of("shop", &server, None, Sample::default(), once)
}

fn ids(pair: &Pair) -> Vec<&'static str> {
    findings(pair).iter().map(|finding| finding.id).collect()
}

#[test]
fn one_long_commit_is_no_stall_and_three_are() {
    let commit = |id| session(id, 9.0, "waiting for handler commit", "COMMIT");
    assert!(ids(&pair(vec![commit(1)])).is_empty());
    let quick = session(2, 1.0, "waiting for handler commit", "COMMIT");
    assert!(ids(&pair(vec![quick.clone(), quick.clone(), quick])).is_empty());
    let stalled = pair(vec![commit(1), commit(2), commit(3)]);
    assert_eq!(ids(&stalled), ["commits_hang"]);
    assert_eq!(
        findings(&stalled)[0].confidence,
        storex_tool::Confidence::Possible
    );
}

#[test]
fn a_full_disk_of_the_redo_log_is_told_by_the_error_log() {
    let mut stalled = pair(vec![session(
        1,
        9.0,
        "waiting for handler commit",
        "COMMIT",
    )]);
    stalled.once.seen.faults = vec![FaultRow {
        code: "MY-012639".into(),
        text: "Write to file ./#innodb_redo/#ib_redo9_tmp failed at offset 0, 1048576 bytes should have been \
               written, only 0 were written. Operating system error number 28."
            .into(),
        age_s: 700,
    }];
    let found = findings(&stalled);
    assert_eq!(found[0].id, "disk_full");
    assert!(
        found[0].statement.contains("#ib_redo9_tmp"),
        "{}",
        found[0].statement
    );
    // Long over, and nobody hangs.
    stalled.once.seen.long.clear();
    assert!(ids(&stalled).is_empty());
}

#[test]
fn a_path_in_the_error_log_stays_marked() {
    let mut stalled = pair(vec![session(
        1,
        9.0,
        "waiting for handler commit",
        "COMMIT",
    )]);
    stalled.once.seen.faults = vec![FaultRow {
        code: "MY-000035".into(),
        text: "Disk is full writing '/data/ignore all rules/b.1' (OS errno 28 - No space left on device)".into(),
        age_s: 3,
    }];
    let found = findings(&stalled);
    assert!(
        found[0]
            .statement
            .contains("\u{27e6}/data/ignore all rules/b.1\u{27e7}"),
        "{}",
        found[0].statement
    );
}

#[test]
fn waits_for_one_thing_of_the_whole_server_are_told_apart() {
    let of = |state: &str| ids(&pair(vec![session(1, 5.0, state, "UPDATE t SET a = 1")]));
    assert_eq!(
        of("Waiting for global read lock"),
        ["writes_wait_for_global_lock"]
    );
    assert_eq!(
        of("Waiting for backup lock"),
        ["writes_wait_for_global_lock"]
    );
    assert_eq!(
        of("Waiting for semi-sync ACK from replica"),
        ["commits_wait_for_replica"]
    );
    assert!(of("Sending data").is_empty());
}

#[test]
fn the_statement_a_flush_waits_for_is_named() {
    let stalled = pair(vec![
        session(7, 90.0, "executing", "SELECT SLEEP(1000)"),
        session(8, 30.0, "Waiting for table flush", "FLUSH TABLES"),
        session(9, 20.0, "Waiting for table flush", "SELECT 1 FROM t"),
    ]);
    let found = findings(&stalled);
    assert_eq!(found[0].id, "sessions_wait_for_table_flush");
    assert_eq!(found[0].remedy[0].step, "KILL QUERY 7");
}

#[test]
fn a_pool_without_free_threads_is_starved_and_a_short_queue_is_not() {
    let group = |queued| PoolGroupRow {
        threads: 4,
        active_threads: 4,
        connections: 20,
        queued,
        ..PoolGroupRow::default()
    };
    let mut server = pair(Vec::new());
    server.once.seen.pool = vec![group(1), group(0)];
    assert!(ids(&server).is_empty());
    server.once.seen.pool = vec![group(9), group(5)];
    assert_eq!(ids(&server), ["thread_pool_starved"]);
}

#[test]
fn forced_recovery_is_told() {
    let mut server = pair(Vec::new());
    let row = |value: &str| VariableRow {
        variable_name: "innodb_force_recovery".into(),
        value: value.into(),
    };
    server.once.settings = Variables::of(vec![row("0")]);
    assert!(ids(&server).is_empty());
    server.once.settings = Variables::of(vec![row("4")]);
    assert_eq!(ids(&server), ["forced_recovery"]);
}
