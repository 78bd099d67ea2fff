//! Slices of error logs: of MySQL 9.7 and MariaDB 10.11 in a deadlock storm, each begun in the
//! middle of a deadlock and ended in the middle of another; and logs written by hand.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::deadlock_log::{LogDeadlocks, Part, parse_log, read_parts};

fn log(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/error_log");
    fs::read_to_string(folder.join(name).with_extension("log")).unwrap()
}

fn is_accounted_for(text: &str, log: &LogDeadlocks) -> bool {
    let lines = log.lines;
    lines.total == lines.blank + lines.deadlock + lines.other + lines.unparsed
        && lines.total == text.lines().count() as u64
}

/// Transactions, the victim, and whether it is whole.
fn outline(log: &LogDeadlocks) -> Vec<(usize, Option<u64>, bool)> {
    log.deadlocks
        .iter()
        .map(|one| {
            (
                one.deadlock.transactions.len(),
                one.deadlock.rolled_back,
                one.complete,
            )
        })
        .collect()
}

#[test]
fn a_slice_of_mysqls_log_is_read_with_its_cut_ends() {
    let text = log("mysql97");
    let log = parse_log(&text);
    assert!(is_accounted_for(&text, &log));
    assert_eq!(log.unparsed, Vec::<String>::new());
    let expected = [
        (1, Some(2), false),
        (2, Some(2), true),
        (3, Some(2), true),
        (4, Some(2), true),
        (1, None, false),
    ];
    assert_eq!(outline(&log), expected);
    let whole = &log.deadlocks[1];
    assert_eq!(whole.at.as_deref(), Some("2026-11-23T07:16:33.948344Z"));
    let first = &whole.deadlock.transactions[0];
    assert_eq!(
        first.transaction.session.as_ref().unwrap().user.as_deref(),
        Some("worker")
    );
    assert_eq!((first.holds.len(), first.waits_for.len()), (1, 1));
    assert_eq!(first.waits_for[0].heap_nos, [2]);
}

#[test]
fn a_slice_of_mariadbs_log_is_read_with_its_cut_ends() {
    let text = log("mariadb1011");
    let log = parse_log(&text);
    assert!(is_accounted_for(&text, &log));
    assert_eq!(log.unparsed, Vec::<String>::new());
    let expected = [
        (2, Some(2), false),
        (2, Some(2), true),
        (3, Some(1), true),
        (5, Some(4), true),
        (1, None, false),
    ];
    assert_eq!(outline(&log), expected);
    let whole = &log.deadlocks[1];
    assert_eq!(whole.at.as_deref(), Some("2026-11-23  7:16:32"));
    assert_eq!(whole.thread.as_deref(), Some("110"));
    let first = &whole.deadlock.transactions[0];
    assert_eq!((first.conflicts_with.len(), first.waits_for.len()), (1, 1));
}

#[test]
fn entries_of_others_in_between_are_counted_and_do_not_end_a_deadlock() {
    let text = "\
2026-11-23T07:16:33.1Z 0 [Note] [MY-012468] [InnoDB] Transactions deadlock detected, dumping detailed information.
2026-11-23T07:16:33.1Z 0 [Note] [MY-012469] [InnoDB]  *** (1) TRANSACTION: 
TRANSACTION 12649, ACTIVE 0 sec starting index read
2026-11-23T07:16:33.2Z 77 [Warning] [MY-010055] [Server] IP address '10.0.0.9' could not be resolved
MySQL thread id 144, OS thread handle 1, query id 5 10.0.0.7 worker updating
UPDATE accounts SET balance = 1
2026-11-23T07:16:33.2Z 0 [Note] [MY-012551] [InnoDB] page_cleaner: 1000ms intended loop took 4011ms.
2026-11-23T07:16:33.3Z 0 [Note] [MY-012469] [InnoDB] *** WE ROLL BACK TRANSACTION (1) 
";
    let log = parse_log(text);
    assert!(is_accounted_for(text, &log));
    assert_eq!((log.lines.other, log.lines.unparsed), (2, 0));
    assert_eq!(outline(&log), [(1, Some(1), true)]);
    let trx = &log.deadlocks[0].deadlock.transactions[0].transaction;
    assert_eq!(
        trx.statement.as_deref(),
        Some("UPDATE accounts SET balance = 1")
    );
    assert_eq!(trx.session.as_ref().unwrap().thread_id, 144);
}

#[test]
fn dumps_of_two_threads_are_told_apart() {
    let text = "\
2026-11-23  7:16:32 107 [Note] InnoDB: Transactions deadlock detected, dumping detailed information.
2026-11-23  7:16:32 107 [Note] InnoDB: 
*** (1) TRANSACTION:

TRANSACTION 1, ACTIVE 0 sec starting index read
2026-11-23  7:16:32 110 [Note] InnoDB: Transactions deadlock detected, dumping detailed information.
2026-11-23  7:16:32 110 [Note] InnoDB: 
*** (1) TRANSACTION:

TRANSACTION 2, ACTIVE 0 sec inserting
2026-11-23  7:16:32 107 [Note] InnoDB: *** WE ROLL BACK TRANSACTION (1)

2026-11-23  7:16:32 110 [Note] InnoDB: *** WE ROLL BACK TRANSACTION (1)
";
    let log = parse_log(text);
    assert!(is_accounted_for(text, &log));
    let ids: Vec<_> = log
        .deadlocks
        .iter()
        .map(|one| {
            (
                one.thread.as_deref(),
                one.deadlock.transactions[0].transaction.id,
            )
        })
        .collect();
    assert_eq!(ids, [(Some("107"), Some(1)), (Some("110"), Some(2))]);
    assert_eq!(outline(&log), [(1, Some(1), true), (1, Some(1), true)]);
}

#[test]
fn a_dump_that_never_ended_is_kept_when_the_next_begins() {
    let text = "\
2026-11-23T07:16:33.1Z 0 [Note] [MY-012468] [InnoDB] Transactions deadlock detected, dumping detailed information.
2026-11-23T07:16:33.1Z 0 [Note] [MY-012469] [InnoDB]  *** (1) TRANSACTION: 
TRANSACTION 1, ACTIVE 0 sec starting index read
2026-11-23T07:16:39.1Z 0 [Note] [MY-012469] [InnoDB]  *** (1) TRANSACTION: 
TRANSACTION 2, ACTIVE 0 sec starting index read
2026-11-23T07:16:39.1Z 0 [Note] [MY-012469] [InnoDB] *** WE ROLL BACK TRANSACTION (1) 
what no deadlock prints
";
    let log = parse_log(text);
    assert_eq!(outline(&log), [(1, None, false), (1, Some(1), false)]);
    assert_eq!(log.unparsed, ["what no deadlock prints"]);
}

#[test]
fn the_heads_alone_tell_when_and_how_many() {
    let heads = [
        (
            "07:16:41.252852",
            "Transactions deadlock detected, dumping detailed information.",
        ),
        ("07:16:41.252873", " *** (1) TRANSACTION: "),
        ("07:16:41.252891", " *** (1) HOLDS THE LOCK(S): "),
        (
            "07:16:41.252975",
            " *** (1) WAITING FOR THIS LOCK TO BE GRANTED: ",
        ),
        ("07:16:41.253053", " *** (2) TRANSACTION: "),
        ("07:16:41.253270", " *** (3) TRANSACTION: "),
        ("07:16:41.253617", "*** WE ROLL BACK TRANSACTION (2) "),
        (
            "07:16:42.000001",
            "Transactions deadlock detected, dumping detailed information.",
        ),
        ("07:16:42.000002", " *** (1) TRANSACTION: "),
    ];
    let parts = heads.iter().map(|(at, text)| Part {
        at,
        thread: None,
        text,
    });
    let log = read_parts(parts);
    assert_eq!(outline(&log), [(3, Some(2), true), (1, None, false)]);
    assert_eq!(log.deadlocks[0].at.as_deref(), Some("07:16:41.252852"));
    assert_eq!(log.lines.deadlock, 9);
}

fn logs() -> Vec<String> {
    ["mysql97", "mariadb1011"].map(log).into()
}

/// Lines of both logs, and a few of neither.
fn lines() -> Vec<String> {
    let texts = logs();
    let mut lines: Vec<String> = texts
        .iter()
        .flat_map(|text| text.lines().map(str::to_owned))
        .collect();
    let others = [
        "",
        "*** (",
        "2026-11-23",
        "9 9 [",
        "2026-11-23  7:16:32 1 [ERROR] é",
    ];
    lines.extend(others.map(str::to_owned));
    lines
}

proptest! {
    #[test]
    fn any_text_is_accounted_for(text in "(?s).{0,400}") {
        prop_assert!(is_accounted_for(&text, &parse_log(&text)));
    }

    #[test]
    fn any_mixture_of_a_logs_lines_is_accounted_for(
        mixture in prop::collection::vec(select(lines()), 0..200),
    ) {
        let text = mixture.join("\n");
        prop_assert!(is_accounted_for(&text, &parse_log(&text)));
    }

    #[test]
    fn a_cut_log_keeps_its_whole_deadlocks(
        text in select(logs()),
        from in any::<Index>(),
    ) {
        let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        let from = starts[from.index(starts.len())];
        let whole = |text: &str| parse_log(text).deadlocks.iter().filter(|one| one.complete).count();
        let begun = text[from..].matches("Transactions deadlock detected").count();
        // The last one of the slice is cut.
        prop_assert_eq!(whole(&text[from..]), begun.saturating_sub(1));
    }
}
