//! Times found in raw bytes.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::{LogKind, LogTimes};

fn first(kind: LogKind, text: &str) -> Option<(usize, String)> {
    let zone = TimeZone::fixed(Offset::constant(2));
    let entry = LogTimes::new(kind, zone).first_entry(text.as_bytes(), true, true)?;
    Some((entry.start, entry.time.to_string()))
}

fn slow(text: &str) -> Option<(usize, String)> {
    first(LogKind::Slow, text)
}

fn at(start: usize, time: &str) -> (usize, String) {
    (start, time.to_owned())
}

const USER: &str = "# User@Host: app[app] @ localhost []  Id:     9\n";

#[test]
fn an_entry_of_mysql_is_dated_by_its_end_not_by_the_start_of_its_statement() {
    let text = format!(
        "/usr/sbin/mysqld, Version: 9.7.4. started with:\nTcp port: 3306\n\
         # Time: 2026-11-23T07:15:46.552032Z\n{USER}# Query_time: 8.0\nSET timestamp=1795418138;\nSELECT 1;\n"
    );
    let start = text.find("# Time").unwrap();
    assert_eq!(slow(&text), Some(at(start, "2026-11-23T07:15:46.552032Z")));
    let local = text.replace("46.552032Z", "46.552032+01:00");
    assert_eq!(slow(&local), Some(at(start, "2026-11-23T06:15:46.552032Z")));
}

#[test]
fn an_entry_of_mariadb_is_dated_by_its_timestamp_and_only_without_one_by_local_time() {
    let with = format!(
        "# Time: 261123  7:20:11\n{USER}# Query_time: 1\nuse shop;\nSET timestamp=1795416500;\nSELECT 1;\n"
    );
    assert_eq!(slow(&with), Some(at(0, "2026-11-23T06:48:20Z")));
    let second = format!("{USER}SET timestamp=1795416500;\nSELECT 1;\n");
    assert_eq!(slow(&second), Some(at(0, "2026-11-23T06:48:20Z")));
    let without = format!("# Time: 261123  7:20:11\n{USER}# administrator command: Quit;\n{USER}");
    assert_eq!(slow(&without), Some(at(0, "2026-11-23T05:20:11Z")));
}

#[test]
fn an_entry_of_mariadb_is_dated_by_the_start_of_its_statement_and_how_long_it_took() {
    let entry = |thread: &str| {
        format!(
            "{USER}{thread}# Query_time: 600.250000  Lock_time: 0.1\nSET timestamp=1795416500;\nSELECT 1;\n"
        )
    };
    let mariadb = entry("# Thread_id: 4  Schema: shop  QC_hit: No\n");
    assert_eq!(slow(&mariadb), Some(at(0, "2026-11-23T06:58:20.25Z")));
    // Old servers of MySQL and Percona tell when it ended.
    for thread in [
        "",
        "# Thread_id: 4  Schema: shop  Last_errno: 0  Killed: 0\n",
    ] {
        assert_eq!(slow(&entry(thread)), Some(at(0, "2026-11-23T06:48:20Z")));
    }
}

#[test]
fn lines_of_a_statement_that_look_like_a_time_are_not_taken_for_one() {
    let text = format!(
        "SELECT '\n# Time: 2099-01-01T00:00:00.0Z\n', '\nSET timestamp=99999999999;\n';\n\
         {USER}SET timestamp=1795416500;\nSELECT 1;\n"
    );
    let start = text.find("# User").unwrap();
    assert_eq!(slow(&text), Some(at(start, "2026-11-23T06:48:20Z")));
}

#[test]
fn half_a_line_says_nothing() {
    let times = LogTimes::new(LogKind::Slow, TimeZone::UTC);
    let text = format!("{USER}SET timestamp=1795416500;\n");
    let cut = text.len() - 5;
    for (bytes, whole_lines, to_the_end) in [
        (&text.as_bytes()[..cut], true, true),
        (&text.as_bytes()[1..], false, true),
        (&text.as_bytes()[..text.len() - 1], true, false),
    ] {
        assert_eq!(times.first_entry(bytes, whole_lines, to_the_end), None);
    }
    assert!(times.first_entry(text.as_bytes(), true, false).is_some());
}

#[test]
fn the_last_time_is_that_of_the_last_entry() {
    let times = LogTimes::new(LogKind::Slow, TimeZone::UTC);
    let entry = |second: i64| format!("{USER}SET timestamp={second};\nSELECT 1;\n");
    let text = format!(
        "half a line\n{}{}{USER}",
        entry(1_795_416_500),
        entry(1_795_416_510)
    );
    let last = times.last_time(text.as_bytes());
    assert_eq!(last, Timestamp::from_second(1_795_416_510).ok());
    assert_eq!(times.last_time(b""), None);
}

#[test]
fn error_logs_of_every_age_are_dated() {
    let error = |text: &str| first(LogKind::Error, text);
    for (line, time) in [
        (
            "2026-11-23T07:15:46.552032Z 0 [Note] [MY-010116] x",
            "2026-11-23T07:15:46.552032Z",
        ),
        (
            "2026-11-23T07:15:46.552032+02:00 0 [Note] x",
            "2026-11-23T05:15:46.552032Z",
        ),
        (
            "2026-11-23  7:16:32 0 [Note] InnoDB: x",
            "2026-11-23T05:16:32Z",
        ),
        ("2026-11-23 07:16:32 1234 [Note] x", "2026-11-23T05:16:32Z"),
        ("261123  7:16:32 [Note] x", "2026-11-23T05:16:32Z"),
        (
            r#"{ "prio" : 3, "msg" : "\"time\" : \"x\"", "time" : "2026-11-23T20:31:33.510135Z", "thread" : 9 }"#,
            "2026-11-23T20:31:33.510135Z",
        ),
    ] {
        let text = format!("a line that goes on\n  2026-11-23 07:00:00 not one\n{line}\n");
        let start = text.find(line).unwrap();
        assert_eq!(error(&text), Some(at(start, time)), "{line}");
    }
    for line in [
        "2026-13-23 07:16:32 x",
        "999999 99:99:99 x",
        "2026-11-23",
        "é 7:1:2",
        "",
    ] {
        assert_eq!(error(line), None, "{line}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        for kind in LogKind::ALL {
            let times = LogTimes::new(kind, TimeZone::UTC);
            let _ = times.first_entry(&bytes, true, true);
            let _ = times.last_time(&bytes);
        }
    }

    #[test]
    fn no_line_makes_it_panic(text in "(# Time: |# User@Host: |SET timestamp=)?[0-9TZ:. -]{0,30}\n?(# User@Host: )?") {
        for kind in LogKind::ALL {
            let times = LogTimes::new(kind, TimeZone::UTC);
            let _ = times.first_entry(text.as_bytes(), true, true);
            let _ = times.last_time(text.as_bytes());
        }
    }
}
