//! Logs of real servers: started, killed, crashed, shut down.

use super::super::findings::{findings, headline};
use super::super::{How, Level, Restart};
use super::{at, entries, tally};

const MYSQL: &str = include_str!("../../../fixtures/error_log/mysql97.log");
const MARIADB: &str = include_str!("../../../fixtures/error_log/mariadb1011.log");
const JSON: &str = include_str!("../../../fixtures/error_log/mysql97.json");

fn how(restarts: &[Restart]) -> Vec<(How, bool)> {
    restarts
        .iter()
        .map(|one| (one.how, one.recovered))
        .collect()
}

fn ids(log: &str) -> Vec<&'static str> {
    let found = findings(&tally(log), "db");
    found.iter().map(|finding| finding.id).collect()
}

#[test]
fn each_start_of_mysql_is_told_with_how_the_server_had_ended() {
    let tally = tally(MYSQL);
    let restarts = tally.restarts.all();
    assert_eq!(
        how(restarts),
        [
            (How::Unknown, false),
            (How::Killed, true),
            (How::Crash, true)
        ]
    );
    assert_eq!(restarts[1].at, at("2026-11-23T20:31:19.991461Z"));
    assert_eq!(
        restarts[1].down_since,
        Some(at("2026-11-23T20:31:18.361722Z"))
    );
    assert_eq!(restarts[2].down_since, Some(at("2026-11-23T20:31:23Z")));
    assert_eq!(
        restarts[2].ready_at,
        Some(at("2026-11-23T20:31:27.617672Z"))
    );
    assert_eq!(
        tally.restarts.stopped_at,
        Some(at("2026-11-23T20:31:29.408832Z"))
    );
    // It is printed when it happens and again at the next start.
    assert_eq!(tally.restarts.crashes, 1);
}

#[test]
fn each_start_of_mariadb_is_told_with_how_the_server_had_ended() {
    let tally = tally(MARIADB);
    assert_eq!(
        how(tally.restarts.all()),
        [
            (How::Unknown, false),
            (How::Killed, true),
            (How::Crash, true)
        ]
    );
    assert_eq!(tally.restarts.crashes, 1);
    assert_eq!(tally.restarts.stopped_at, Some(at("2026-11-23T20:30:54Z")));
}

#[test]
fn a_crash_a_kill_and_a_stop_are_found_before_all_else() {
    for log in [MYSQL, MARIADB] {
        assert_eq!(ids(log)[..3], ["killed", "stopped", "crash"]);
        let tally = tally(log);
        let findings = findings(&tally, "db");
        assert!(
            findings[2]
                .statement
                .starts_with("the server crashed: once, at 2026-11-23T20:3"),
            "{}",
            findings[2].statement
        );
        assert!(
            headline(&tally, &findings).starts_with("the server ended without a word once"),
            "{findings:?}"
        );
    }
}

#[test]
fn what_stands_below_an_entry_stays_with_it() {
    let (read, lines) = entries(MARIADB.as_bytes(), 1 << 20);
    let crash = read
        .iter()
        .find(|entry| entry.says(" got signal "))
        .unwrap();
    assert_eq!(crash.level, Level::Error);
    assert!(crash.more_lines > 40, "{crash:?}");
    assert_eq!(lines.total, MARIADB.lines().count() as u64);
    assert_eq!(lines.before, 0);
}

#[test]
fn records_of_the_json_sink_are_entries() {
    let (read, lines) = entries(JSON.as_bytes(), 1 << 20);
    assert_eq!(read.len() as u64, lines.total);
    let first = &read[0];
    assert_eq!((first.level, first.code), (Level::Note, Some(10_926)));
    assert_eq!(first.at, at("2026-11-23T20:31:33.510135Z"));
    assert_eq!(
        first.plain,
        "Access denied for user ?@? (using password: YES)"
    );
    assert_eq!(ids(JSON), ["stopped"]);
}

#[test]
fn a_log_is_read_the_same_in_pieces_of_any_size() {
    for log in [MYSQL, MARIADB, JSON] {
        let whole = entries(log.as_bytes(), usize::MAX);
        for piece in [1, 7, 64, 1000] {
            assert_eq!(entries(log.as_bytes(), piece), whole);
        }
    }
}
