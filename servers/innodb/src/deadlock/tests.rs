//! Deadlocks as real servers printed them, and such as manuals describe.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use storex_tool::Severity;

use super::*;
use crate::monitor::deadlock_log::parse_log;
use crate::monitor::{self, Deadlock};

fn fixture(name: &str) -> Deadlock {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/monitor");
    let text = fs::read_to_string(folder.join(name).with_extension("txt")).unwrap();
    monitor::parse(&text).deadlock.unwrap()
}

/// A lock: `X rec 4`, `S gap 1`, `X insert 1`, each on an index of a table.
fn lock(words: &str, index: &str, waiting: bool) -> String {
    let mut parts = words.split(' ');
    let mode = parts.next().unwrap();
    let covers = match parts.next().unwrap() {
        "rec" => " locks rec but not gap",
        "gap" => " locks gap before rec",
        "insert" => " locks gap before rec insert intention",
        _ => "",
    };
    let heap = parts.next().unwrap();
    let (table, index) = index.split_once(' ').unwrap();
    let waiting = if waiting { " waiting" } else { "" };
    format!(
        "RECORD LOCKS space id 8 page no 5 n bits 152 index {index} of table `shop`.`{table}` trx id 1 \
         lock_mode {mode}{covers}{waiting}\nRecord lock, heap no {heap} PHYSICAL RECORD: n_fields 5; \
         compact format; info bits 0\n 0: len 4; hex 00; asc  ;;\n"
    )
}

/// A deadlock as MySQL 8.0.18+ prints it: user, statement, held, wanted.
fn printed(members: &[(&str, &str, &str, &str)], on: &str) -> Deadlock {
    let mut text = String::from(
        "2026-11-23T07:16:33.1Z 0 [Note] [MY-012468] [InnoDB] Transactions deadlock detected, dumping\n",
    );
    for (number, (user, statement, held, wanted)) in (1..).zip(members) {
        let on_held = held.split_once(" on ").map_or(on, |(_, on)| on);
        let on_wanted = wanted.split_once(" on ").map_or(on, |(_, on)| on);
        let member = format!(
            "*** ({number}) TRANSACTION:\nTRANSACTION {number}, ACTIVE 0 sec starting index read\n\
             MySQL thread id {number}, OS thread handle 1, query id 5 10.0.0.7 {user} updating\n\
             {statement}\n*** ({number}) HOLDS THE LOCK(S):\n{}*** ({number}) WAITING FOR THIS LOCK TO BE \
             GRANTED:\n{}",
            lock(held, on_held, false),
            lock(wanted, on_wanted, true),
        );
        text.push_str(&member);
    }
    text += "*** WE ROLL BACK TRANSACTION (2)\n";
    let log = parse_log(&text);
    assert_eq!(log.unparsed, Vec::<String>::new());
    log.deadlocks.into_iter().next().unwrap().deadlock
}

fn explain(deadlock: &Deadlock) -> (Pattern, String) {
    let cycle = Cycle::of(deadlock);
    let programs = Programs::from([(1, "checkout-api".to_owned())]);
    let parties: Vec<Party> = cycle
        .members
        .iter()
        .map(|m| Party::of(m, &programs))
        .collect();
    (pattern(&cycle), order(&cycle, &parties))
}

#[test]
fn opposite_order_is_told_in_words_for_both_dialects() {
    let (kind, words) = explain(&fixture("mysql97_deadlock"));
    assert_eq!(kind, Pattern::OppositeOrder);
    let order = "user checkout locks row A of shop.accounts (PRIMARY), then wants row B; \
                 user worker locks row B, then wants row A";
    assert_eq!(words, order);
    let (kind, words) = explain(&fixture("mariadb1011_deadlock"));
    assert_eq!(kind, Pattern::OppositeOrder);
    let order = "user worker locks row A of shop.accounts (PRIMARY), then wants row B; \
                 user checkout locks row B, then wants row C; user checkout locks row C, then \
                 wants row A";
    assert_eq!(words, order);
}

#[test]
fn an_older_server_does_not_print_what_the_first_one_holds() {
    let deadlock = fixture("mysql57_deadlock");
    let cycle = Cycle::of(&deadlock);
    assert!(cycle.members[0].holds[0].implied);
    assert_eq!(cycle.members[0].behind, Some(1));
    assert_eq!(pattern(&cycle), Pattern::DuplicateKey);
}

#[test]
fn each_kind_is_told_from_modes_and_statements() {
    let update = "UPDATE accounts SET a = 1 WHERE id = 1";
    let insert = "INSERT INTO accounts VALUES (1)";
    let range = "UPDATE accounts SET a = 1 WHERE created < 5";
    let of = |first: (&'static str, &'static str),
              second: (&'static str, &'static str),
              sql: &'static str| {
        printed(
            &[
                ("checkout", sql, first.0, first.1),
                ("worker", sql, second.0, second.1),
            ],
            "accounts PRIMARY",
        )
    };
    let cases = [
        (
            of(("X rec 2", "X rec 3"), ("X rec 3", "X rec 2"), update),
            Pattern::OppositeOrder,
        ),
        (
            of(("X rec 2", "X rec 3"), ("X rec 3", "X rec 2"), range),
            Pattern::ManyRows,
        ),
        (
            of(("X gap 1", "X insert 1"), ("X gap 1", "X insert 1"), insert),
            Pattern::GapInsert,
        ),
        (
            of(("S rec 2", "X rec 2"), ("S rec 2", "X rec 2"), update),
            Pattern::SharedUpgrade,
        ),
        (
            of(("X rec 2", "S rec 3"), ("X rec 3", "S rec 2"), insert),
            Pattern::DuplicateKey,
        ),
        (
            of(("S gap 4", "X insert 4"), ("S gap 4", "X insert 4"), insert),
            Pattern::DuplicateKey,
        ),
        (
            of(
                ("X rec 2", "S rec 3 on customers PRIMARY"),
                ("X rec 3 on customers PRIMARY", "X rec 2"),
                insert,
            ),
            Pattern::ForeignKeyParent,
        ),
        (
            of(
                ("X rec 2", "X rec 9 on accounts by_owner"),
                ("X rec 9 on accounts by_owner", "X rec 2"),
                update,
            ),
            Pattern::DifferentIndexes,
        ),
    ];
    for (deadlock, expected) in cases {
        let (kind, words) = explain(&deadlock);
        assert_eq!(kind, expected, "{words}");
    }
}

#[test]
fn a_gap_and_the_end_of_an_index_have_names() {
    let insert = "INSERT INTO accounts VALUES (1)";
    let deadlock = printed(
        &[
            ("checkout", insert, "X next 1", "X insert 1"),
            ("worker", insert, "X next 1", "X insert 1"),
        ],
        "accounts PRIMARY",
    );
    let order = "checkout-api (user checkout) locks the gap at the end of shop.accounts (PRIMARY), \
                 then wants to insert into it; user worker locks the gap at the end, then wants to \
                 insert into it";
    assert_eq!(explain(&deadlock).1, order);
}

#[test]
fn the_program_comes_from_the_connection_or_the_comment() {
    assert_eq!(
        application("SELECT 1 /*action='x',application='worker',job='y'*/").as_deref(),
        Some("worker")
    );
    assert_eq!(application("SELECT 1 /*myapplication='worker'*/"), None);
    assert_eq!(application("SELECT 'application=x'"), None);
    assert_eq!(
        application("SELECT 1 /*application='wor"),
        Some("wor".to_owned())
    );
}

fn picture<'a>(seen: &'a [Seen], in_window: u64, programs: &'a Programs) -> Picture<'a> {
    Picture {
        instance: "shop",
        in_window: Some(in_window),
        window_s: Some(2.0),
        counted: Some((in_window, Some(3_600))),
        seen,
        victims: &[],
        history: None,
        programs,
        detection: true,
    }
}

#[test]
fn a_storm_names_parties_table_and_reason_and_an_old_deadlock_is_no_finding() {
    let programs = Programs::new();
    let seen = |age| {
        [Seen {
            deadlock: fixture("mysql97_deadlock"),
            age_s: Some(age),
        }]
    };
    let now = seen(0);
    let storm = picture(&now, 16, &programs);
    let found = findings(&storm);
    assert_eq!(
        (found[0].id, found[0].severity),
        ("deadlock_storm", Severity::Warning)
    );
    for part in [
        "8 deadlocks a second",
        "shop.accounts",
        "user checkout",
        "user worker",
        "opposite",
    ] {
        assert!(found[0].statement.contains(part), "{}", found[0].statement);
    }
    assert!(found[0].remedy[0].step.contains("one order"));

    let old = seen(3 * 3_600);
    let quiet = picture(&old, 0, &programs);
    let found = findings(&quiet);
    assert_eq!(found, []);
    assert_eq!(
        headline(&quiet, &found),
        "last deadlock 3 h ago, none in the 2 s sampled"
    );

    let none = picture(&[], 0, &programs);
    assert_eq!(headline(&none, &[]), "no deadlock in 60 min");
    let single = picture(&now, 1, &programs);
    assert_eq!(findings(&single)[0].severity, Severity::Info);
}

#[test]
fn errors_that_no_deadlock_explains_are_told_apart() {
    let programs = Programs::new();
    let victims = [("worker".to_owned(), 3)];
    let outside = Picture {
        victims: &victims,
        ..picture(&[], 0, &programs)
    };
    assert_eq!(findings(&outside)[0].id, "error_1213_without_deadlock");
    let explained = Picture {
        victims: &victims,
        ..picture(&[], 3, &programs)
    };
    let ids: Vec<_> = findings(&explained).iter().map(|found| found.id).collect();
    assert_eq!(ids, ["deadlock_storm"]);
}

#[test]
fn detection_switched_off_is_said() {
    let programs = Programs::new();
    let blind = Picture {
        detection: false,
        ..picture(&[], 0, &programs)
    };
    assert_eq!(findings(&blind)[0].id, "deadlock_detection_off");
}

#[test]
fn the_error_log_tells_of_a_storm_that_pauses() {
    let row = |age_s: f64, data: &str| LogRow {
        logged: format!("{age_s}"),
        age_s,
        data: data.to_owned(),
    };
    let mut rows = Vec::new();
    for minute in 0..8 {
        let age = f64::from(minute) * 60.0;
        rows.push(row(age + 1.0, "*** WE ROLL BACK TRANSACTION (2) "));
        rows.push(row(age + 1.1, " *** (2) TRANSACTION: "));
        rows.push(row(age + 1.2, " *** (1) TRANSACTION: "));
        rows.push(row(
            age + 1.3,
            "Transactions deadlock detected, dumping detailed information.",
        ));
    }
    let history = history(&rows).unwrap();
    assert_eq!((history.deadlocks, history.last_5_min), (8, 5));
    let programs = Programs::new();
    let recurring = Picture {
        history: Some(&history),
        ..picture(&[], 0, &programs)
    };
    assert_eq!(findings(&recurring)[0].id, "deadlocks_recurring");
}

proptest! {
    #[test]
    fn any_deadlock_can_be_explained(text in "(?s).{0,200}", cut in 0usize..4_000) {
        let whole = "*** (1) TRANSACTION:\n".to_owned() + &text + "\n*** WE ROLL BACK TRANSACTION (9)";
        for one in parse_log(&whole).deadlocks {
            let _ = explain(&one.deadlock);
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/error_log");
        let log = fs::read_to_string(folder.join("mysql97.log")).unwrap();
        for one in parse_log(log.get(cut..).unwrap_or_default()).deadlocks {
            let _ = explain(&one.deadlock);
        }
    }
}
