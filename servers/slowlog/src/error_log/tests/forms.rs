//! Messages, their forms and their classes.

use std::fmt::Write as _;

use super::super::classes::{KNOWN, class_of};
use super::super::{Entry, form};
use super::{entries, tally};

fn one(line: &str) -> Entry {
    let (mut read, _) = entries(line.as_bytes(), 1 << 20);
    assert_eq!(read.len(), 1, "{line}");
    read.remove(0)
}

fn class(line: &str) -> Option<&'static str> {
    class_of(&one(line)).map(|place| KNOWN[place].id)
}

#[test]
fn messages_of_one_cause_have_one_form() {
    for (message, expected) in [
        (
            "Access denied for user 'o'brien'@'10.0.0.7' (using password: YES)",
            "Access denied for user ?@? (using password: YES)",
        ),
        (
            "IP address '10.1.2.3' could not be resolved: Name or service not known",
            "IP address ? could not be resolved: Name or service not known",
        ),
        (
            "page_cleaner: 1000ms intended loop took 5662ms. (flushed=25)",
            "page_cleaner: ? intended loop took ?. (flushed=?)",
        ),
        (
            "Generating a new UUID: d23e248c-e77c-11f1-9174-02fc00000001.",
            "Generating a new UUID: ?.",
        ),
        (
            "Could not execute Write_rows event on table shop.t; Duplicate entry 'a' b 7-x' for key 't.PRIMARY', \
             Error_code: MY-001062",
            "Could not execute Write_rows event on table shop.t; Duplicate entry ? for key ?, Error_code: MY-001062",
        ),
        (
            "Slave SQL: Error 'Duplicate entry '5' for key 'PRIMARY'' on query. Default database: 'shop'. Query: \
             'INSERT INTO t VALUES (5, 'hunter2')', Internal MariaDB error code: 1062",
            "Slave SQL: Error ? for key ?. Query:",
        ),
        (
            "Can't start server: Bind on TCP/IP port",
            "Can't start server: Bind on TCP/IP port",
        ),
        ("bind to 10.0.0.7:3306", "bind to ?"),
    ] {
        let got = form(message);
        if message.contains("hunter2") {
            assert!(got.starts_with("Slave SQL: Error ?"), "{got}");
            assert!(!got.contains("hunter2") && !got.contains("INSERT"), "{got}");
        } else {
            assert_eq!(got, expected);
        }
        assert_eq!(form(&got), got, "{message}");
    }
}

#[test]
fn every_dialect_is_understood() {
    for (line, code, subsystem, text) in [
        (
            "2026-11-23T07:16:33.948361Z 0 [Note] [MY-012469] [InnoDB] *** (1) TRANSACTION:",
            Some(12_469),
            Some("InnoDB"),
            "*** (1) TRANSACTION:",
        ),
        (
            "2026-11-23T07:16:33.948361Z 0 [Warning] InnoDB: page_cleaner: x",
            None,
            Some("InnoDB"),
            "page_cleaner: x",
        ),
        (
            "2026-11-23 07:16:33 1234 [ERROR] Aborting",
            None,
            None,
            "Aborting",
        ),
        (
            "2026-11-23  7:16:33 139651 [Warning] Aborted connection 5",
            None,
            None,
            "Aborted connection 5",
        ),
        (
            "261123  7:16:33 [ERROR] mysqld got signal 6 ;",
            None,
            None,
            "mysqld got signal 6 ;",
        ),
        (
            "2026-11-23T07:16:33Z UTC - mysqld got signal 11 ;",
            None,
            None,
            "mysqld got signal 11 ;",
        ),
        (
            "261123 07:16:33 mysqld_safe Starting mysqld daemon",
            None,
            None,
            "mysqld_safe Starting mysqld daemon",
        ),
    ] {
        let entry = one(line);
        assert_eq!(
            (entry.code, entry.subsystem.as_deref(), entry.text.as_str()),
            (code, subsystem, text),
            "{line}"
        );
    }
}

#[test]
fn the_head_of_the_monitor_begins_no_entry() {
    let log = "2026-11-23T07:16:33Z 0 [Note] InnoDB: x\n=====\n2026-11-23 07:16:33 0x7f9c INNODB MONITOR OUTPUT\n";
    let (read, lines) = entries(log.as_bytes(), 1 << 20);
    assert_eq!((read.len(), read[0].more_lines), (1, 2));
    assert_eq!((lines.heads, lines.more), (1, 2));
}

/// A message of each class.
const OF_CLASS: &[(&str, &str)] = &[
    (
        "[ERROR] [MY-012872] [InnoDB] [FATAL] Semaphore wait has lasted > 600 seconds.",
        "hung_and_killed_itself",
    ),
    (
        "[ERROR] [MY-013183] [InnoDB] Assertion failure: btr0cur.cc:33:x",
        "crash",
    ),
    (
        "[ERROR] InnoDB: Assertion failure in file x.cc line 5",
        "crash",
    ),
    (
        "[ERROR] [MY-010934] [Server] Out of memory; check if mysqld",
        "out_of_memory",
    ),
    (
        "[ERROR] InnoDB: Database page corruption on disk or a failed read",
        "innodb_corruption",
    ),
    (
        "[ERROR] InnoDB: Table `shop`.`orders` is corrupted. Please drop",
        "innodb_corruption",
    ),
    (
        "[ERROR] mariadbd: Table './shop/old' is marked as crashed and should be repaired",
        "table_crashed",
    ),
    (
        "[ERROR] [MY-000035] [Server] Disk is full writing './binlog.1' (OS errno 28 - No space left on device).",
        "disk_full",
    ),
    ("[ERROR] [MY-010119] [Server] Aborting", "did_not_start"),
    ("[Warning] Too many connections", "too_many_connections"),
    (
        "[ERROR] Error in accept: Too many open files",
        "no_file_handles",
    ),
    (
        "[ERROR] [MY-010584] [Repl] Replica I/O for channel '': error connecting to source 'r@h:1' - Access denied, Error_code: MY-001045",
        "replica_refused",
    ),
    (
        "[ERROR] Slave I/O: error connecting to master 'r@h:1' - retry-time: 60, Internal MariaDB error code: 2003",
        "replica_disconnected",
    ),
    (
        "[ERROR] [MY-010584] [Repl] Replica SQL for channel '': Worker 1 failed, Error_code: MY-001062",
        "replication_stopped",
    ),
    (
        "[ERROR] [MY-011505] [Repl] Member was expelled from the group",
        "cluster_member_lost",
    ),
    (
        "[Warning] [MY-014089] [InnoDB] Redo log writer is waiting for a new redo log file.",
        "redo_log_full",
    ),
    (
        "[Warning] InnoDB: A long semaphore wait:",
        "long_semaphore_wait",
    ),
    (
        "[Warning] Host '10.0.0.7' is blocked because of many connection errors; unblock",
        "host_blocked",
    ),
    (
        "[Note] [MY-010926] [Server] Access denied for user 'a'@'b' (using password: YES)",
        "access_denied",
    ),
    (
        "[Warning] Aborted connection 5 to db: 'x' user: 'y' host: 'z' (Got timeout)",
        "aborted_connections",
    ),
    (
        "[Note] [MY-012468] [InnoDB] Transactions deadlock detected, dumping detailed information.",
        "deadlock",
    ),
    (
        "[Note] InnoDB: page_cleaner: 1000ms intended loop took 5662ms.",
        "flushing_behind",
    ),
    (
        "[Warning] [MY-011068] [Server] The syntax 'x' is deprecated and will be removed",
        "deprecated",
    ),
];

#[test]
fn each_message_that_matters_is_of_its_class() {
    for (message, expected) in OF_CLASS {
        let line = format!("2026-11-23T07:16:33.948361Z 0 {message}");
        assert_eq!(class(&line), Some(*expected), "{message}");
    }
    let line = "2026-11-23T07:16:33Z 0 [Note] [MY-012976] [InnoDB] 9.7.4 started";
    assert_eq!(class(line), None);
}

#[test]
fn a_name_a_client_chose_makes_no_class_and_no_restart() {
    let names = [
        "x got signal 11 ;",
        "Too many connections",
        "mysqld: Shutdown complete",
        "InnoDB: page corruption",
    ];
    for name in names {
        let line = format!(
            "2026-11-23T07:16:33Z 9 [Note] Access denied for user '{name}'@'h' (using password: NO)"
        );
        assert_eq!(class(&line), Some("access_denied"));
        let tally = tally(&line);
        assert_eq!(
            (tally.restarts.crashes, tally.restarts.stopped_at),
            (0, None)
        );
    }
}

#[test]
fn every_class_is_one_row_and_can_be_told_apart() {
    for (place, class) in KNOWN.iter().enumerate() {
        assert!(!class.source.is_empty() && !class.what.is_empty());
        assert!(
            !class.codes.is_empty() || !class.any.is_empty(),
            "{}",
            class.id
        );
        // What becomes a finding says what to do.
        assert!(class.from == 0 || class.remedy.iter().all(|word| !word.is_empty()));
        for other in KNOWN.iter().skip(place + 1) {
            assert_ne!(class.id, other.id);
            let shared = class.codes.iter().find(|code| other.codes.contains(code));
            assert_eq!(shared, None, "{} and {}", class.id, other.id);
        }
    }
}

#[test]
fn a_storm_names_who_and_the_busiest_minute() {
    let mut log = String::new();
    for second in 0..50 {
        let user = if second < 30 { "batch" } else { "app" };
        let _infallible = writeln!(
            log,
            "2026-11-23T07:16:{second:02}Z {second} [Note] [MY-010926] [Server] Access denied for user \
             '{user}'@'10.0.0.{second}' (using password: YES)"
        );
    }
    let tally = tally(&log);
    let class = tally.classes().next().unwrap();
    assert_eq!((class.count, class.most_a_minute), (50, 50));
    assert_eq!(class.names.get("batch@10.0.0.7"), Some(&1));
    assert_eq!(tally.groups().len(), 1);
}
