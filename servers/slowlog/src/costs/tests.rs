//! Each finding on a log that shows it, and none on a healthy one.

use storex_digest::Digest;
use storex_tool::{Confidence, Finding, Severity};

use super::{findings, findings_of_counters};
use crate::ledger::{LedgerStatement, Seen};
use crate::samples::{Logged, digest, window};
use crate::scene::Scene;

fn found(digest: &Digest) -> Vec<Finding> {
    findings(&Scene {
        instance: "shop",
        window: window(),
        digest,
    })
}

fn only(digest: &Digest, id: &str) -> Finding {
    let mut found = found(digest);
    let ids: Vec<&str> = found.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, [id]);
    found.remove(0)
}

fn page() -> [Logged<'static>; 3] {
    [
        Logged::quick("SELECT * FROM orders WHERE id = 17"),
        Logged::quick("SELECT * FROM items WHERE order_id = 17"),
        Logged {
            examined: 40,
            rows: 1,
            time_s: 0.004,
            ..Logged::quick("UPDATE stock SET n = n - 1 WHERE product = 5")
        },
    ]
}

#[test]
fn healthy_statements_are_left_alone() {
    assert_eq!(found(&digest(100, &page())), []);
    assert_eq!(found(&digest(0, &[])), []);
}

#[test]
fn a_lookup_that_reads_a_table_lacks_an_index() {
    let [a, b, c] = page();
    let scan = Logged {
        examined: 20_000,
        rows: 3,
        time_s: 0.05,
        ..Logged::quick("SELECT * FROM orders WHERE customer = 'canary'")
    };
    let finding = only(
        &digest(100, &[a, b, c, scan]),
        "examined_far_above_returned",
    );
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.confidence, Confidence::Likely);
    assert!(finding.statement.contains("shop@web-1"), "{finding:?}");
    assert!(!format!("{finding:?}").contains("canary"));
    assert_eq!(finding.next[0].tool, "slowlog_explain");
}

#[test]
fn a_sum_over_many_rows_may_be_right() {
    let sum = Logged {
        examined: 20_000,
        time_s: 0.05,
        ..Logged::quick("SELECT SUM(total) FROM orders")
    };
    let [a, b, c] = page();
    let finding = only(&digest(100, &[a, b, c, sum]), "examined_far_above_returned");
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Info, Confidence::Possible)
    );
}

#[test]
fn rows_asked_for_one_by_one_are_told_and_a_lone_endless_loop_is_not() {
    let list = || Logged::quick("SELECT id FROM orders WHERE day = 3");
    let mut statements = vec![list()];
    statements.extend((0..20).map(|_| Logged::quick("SELECT * FROM items WHERE order_id = 9")));
    let finding = only(&digest(30, &statements), "n_plus_one");
    assert!(
        finding.statement.contains("20 times in a row"),
        "{finding:?}"
    );
    let endless = [Logged::quick("SELECT v FROM cache WHERE k = 'a'")];
    assert_eq!(found(&digest(1_000, &endless)), []);
}

#[test]
fn runs_that_fail_and_are_tried_again_are_a_storm() {
    let [a, b, _] = page();
    let failing = Logged {
        errno: 1205,
        time_s: 1.0,
        lock_s: 0.99,
        rows: 0,
        ..Logged::quick("UPDATE stock SET n = n - 1 WHERE product = 5")
    };
    let found = found(&digest(50, &[a, b, failing]));
    assert_eq!(found[0].id, "retry_storm", "{found:?}");
    assert_eq!(found[0].next[0].tool, "innodb_lock_waits");
}

#[test]
fn a_statement_that_waits_for_locks_is_called_a_victim() {
    let waiting = Logged {
        time_s: 0.5,
        lock_s: 0.49,
        ..Logged::quick("UPDATE stock SET n = n - 1 WHERE product = 5")
    };
    let finding = only(&digest(20, &[waiting]), "lock_dominated");
    assert_eq!(finding.next[0].tool, "innodb_lock_waits");
}

#[test]
fn a_small_statement_that_takes_long_waits_for_something() {
    let waiting = Logged {
        time_s: 1.0,
        ..Logged::quick("UPDATE stock SET n = n - 1 WHERE product = 5")
    };
    let finding = only(&digest(20, &[waiting]), "slow_though_small");
    assert_eq!(finding.confidence, Confidence::Possible);
}

#[test]
fn results_of_megabytes_are_told_by_size() {
    let [a, b, c] = page();
    let blobs = Logged {
        bytes: 8 << 20,
        rows: 20,
        examined: 20,
        time_s: 0.05,
        ..Logged::quick("SELECT * FROM documents WHERE folder = 3")
    };
    let finding = only(&digest(20, &[a, b, c, blobs]), "large_results");
    assert!(finding.statement.contains("8.0 MiB"), "{finding:?}");
}

#[test]
fn temporary_tables_on_disk_are_told() {
    let spills = Logged {
        disk_tables: 1,
        time_s: 0.05,
        ..Logged::quick("SELECT day FROM orders ORDER BY note")
    };
    only(&digest(20, &[spills]), "temporary_tables_on_disk");
}

/// What the server counted: a lookup that reads a table, and one by key.
fn counted(text: &str, rows_examined: u64) -> LedgerStatement {
    LedgerStatement {
        digest: "5f".repeat(32),
        text: text.to_owned(),
        count: 40,
        time_us: 2_000_000,
        rows_examined,
        rows_sent: 40,
        full_scans: if rows_examined > 40 { 40 } else { 0 },
        seen: vec![Seen {
            user: "shop".to_owned(),
            host: "web-1".to_owned(),
            runs: 2,
        }],
        ..LedgerStatement::default()
    }
}

#[test]
fn what_the_server_counts_is_judged_as_what_it_logs() {
    let scan = counted("SELECT * FROM `orders` WHERE `customer` = ?", 400_000);
    let key = counted("SELECT * FROM `orders` WHERE `id` = ?", 40);
    let found = findings_of_counters("shop", &[key, scan]);
    let ids: Vec<&str> = found.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["examined_far_above_returned"]);
    assert_eq!(found[0].confidence, Confidence::Certain);
    assert!(found[0].statement.contains("shop@web-1"), "{found:?}");
    assert_eq!(found[0].evidence[0].from, "performance_schema");
    let next = &found[0].next[0];
    assert_eq!(next.tool, "slowlog_explain");
    assert_eq!(next.arguments["digest"], "5f".repeat(32));
}

#[test]
fn the_servers_way_of_writing_a_sum_is_known() {
    let sum = counted("SELECT COUNT ( * ) FROM `orders`", 400_000);
    let found = findings_of_counters("shop", &[sum]);
    assert_eq!(found[0].confidence, Confidence::Possible);
}
