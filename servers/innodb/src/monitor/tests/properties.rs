//! Whatever the text, the parser answers, and accounts for every line.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{fixture, fixtures, is_accounted_for, parse};

fn texts() -> Vec<String> {
    fixtures().into_iter().map(|(_, text)| text).collect()
}

/// Lines of all fixtures, and a few that begin things without ending them.
fn lines() -> Vec<String> {
    let mut lines: Vec<String> = texts()
        .iter()
        .flat_map(|text| text.lines().map(str::to_owned))
        .collect();
    let starts = [
        "---TRANSACTION 1",
        "*** (",
        "RECORD LOCKS space id ",
        "---BUFFER POOL x",
        "---",
        "----é",
    ];
    lines.extend(starts.map(str::to_owned));
    lines
}

/// A line, or the header of a section, whole or without its end.
fn pieces() -> impl Strategy<Value = String> {
    let names = [
        "LATEST FOREIGN KEY ERROR",
        "LATEST DETECTED DEADLOCK",
        "TRANSACTIONS",
        "FILE I/O",
        "ADAPTIVE HASH INDEX",
        "LOG",
        "INDIVIDUAL BUFFER POOL INFO",
        "ROW OPERATIONS",
        "END OF INNODB MONITOR OUTPUT",
        "OTHER",
    ];
    let header = (select(names.to_vec()), any::<bool>()).prop_map(|(name, whole)| {
        if whole {
            format!("------------\n{name}\n------------")
        } else {
            format!("------------\n{name}")
        }
    });
    prop_oneof![select(lines()), header]
}

/// A monitor whose last transaction runs `statement`, right before the next header.
fn with_statement(statement: &str) -> String {
    let text = fixture("mysql97_deadlock");
    let marker = "query id ";
    let after = text.rfind(marker).unwrap();
    let (line, rest) = text[after..].split_once('\n').unwrap();
    format!("{}{line}\n{statement}\n{rest}", &text[..after])
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "(?s).{0,400}") {
        prop_assert!(is_accounted_for(&text, &parse(&text)));
    }

    #[test]
    fn any_mixture_of_the_monitors_own_lines_is_answered(
        mixture in prop::collection::vec(pieces(), 0..200),
    ) {
        let text = mixture.join("\n");
        prop_assert!(is_accounted_for(&text, &parse(&text)));
    }

    #[test]
    fn a_cut_text_says_so(text in select(texts()), at in any::<Index>()) {
        let end = text.floor_char_boundary_at(at.index(text.len()));
        let cut = &text[..end];
        let monitor = parse(cut);
        prop_assert!(is_accounted_for(cut, &monitor));
        prop_assert!(monitor.truncated || cut.contains("END OF INNODB MONITOR OUTPUT"));
    }

    #[test]
    fn lost_and_doubled_lines_are_accounted_for(
        text in select(texts()),
        edits in prop::collection::vec((any::<Index>(), any::<bool>()), 1..8),
    ) {
        let mut lines: Vec<&str> = text.lines().collect();
        for (at, lost) in edits {
            let at = at.index(lines.len());
            if lost {
                lines.remove(at);
            } else {
                lines.insert(at, lines[at]);
            }
        }
        let text = lines.join("\n");
        prop_assert!(is_accounted_for(&text, &parse(&text)));
    }

    #[test]
    fn no_statement_changes_what_is_printed_after_it(
        statement in prop::collection::vec(pieces(), 0..12),
    ) {
        let plain = parse(&with_statement("SELECT 1"));
        let text = with_statement(&statement.join("\n"));
        let imitated = parse(&text);
        prop_assert!(is_accounted_for(&text, &imitated));
        prop_assert_eq!(plain.semaphores, imitated.semaphores);
        prop_assert_eq!(plain.deadlock, imitated.deadlock);
        prop_assert_eq!(plain.file_io, imitated.file_io);
        prop_assert_eq!(plain.redo_log, imitated.redo_log);
        prop_assert_eq!(plain.buffer_pool, imitated.buffer_pool);
        prop_assert_eq!(plain.row_operations, imitated.row_operations);
    }
}

/// `str::floor_char_boundary`, which is younger than the oldest compiler supported.
trait Boundary {
    fn floor_char_boundary_at(&self, at: usize) -> usize;
}

impl Boundary for String {
    fn floor_char_boundary_at(&self, at: usize) -> usize {
        (0..=at)
            .rev()
            .find(|at| self.is_char_boundary(*at))
            .unwrap_or(0)
    }
}

#[test]
fn a_text_longer_than_is_read_is_cut_and_says_so() {
    let text = format!(
        "{}{}",
        fixture("mysql97_quiet"),
        "x\n".repeat(2 * 1024 * 1024)
    );
    let monitor = parse(&text);
    assert!(monitor.truncated);
    assert!(monitor.lines.total < text.lines().count() as u64);
    assert_eq!(monitor.unparsed.len(), 200);
}

#[test]
fn lists_are_bounded() {
    let idle = "---TRANSACTION 375300854804240, not started\n0 lock struct(s), heap size 1128, 0 row lock(s)\n";
    let busy = "---TRANSACTION 1, ACTIVE 1 sec\n";
    let lock = "TABLE LOCK table `a`.`b` trx id 1 lock mode IX\n";
    let head = "---\nTRANSACTIONS\n---\n";
    let text = format!(
        "{head}{}{}{}",
        idle.repeat(3_000),
        busy.repeat(6_000),
        lock.repeat(2_000)
    );
    let monitor = parse(&text);
    let transactions = monitor.transactions.unwrap();
    assert_eq!(
        (transactions.counts.not_started, transactions.counts.active),
        (3_000, 6_000)
    );
    assert_eq!(
        transactions.list.len() as u64 + transactions.left_out,
        9_000
    );
    assert_eq!(transactions.list.len(), 5_500);
    assert_eq!(monitor.lines.left_out, 1_000);
}
