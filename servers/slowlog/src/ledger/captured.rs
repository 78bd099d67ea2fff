//! Rows that servers really answered, twice, with the same statements in between.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use storex_ledger::{DigestRow, between};

use super::assemble::{add_times, add_users, by_digest, lively, statements, worth_asking};
use super::sample::{HistoryRow, LedgerSample};
use super::statement::LedgerStatement;
use super::times::BucketRow;

#[derive(Deserialize)]
struct Captured {
    before: Vec<DigestRow>,
    after: Vec<DigestRow>,
    window_s: f64,
    #[serde(default)]
    times_before: Vec<BucketRow>,
    #[serde(default)]
    times_after: Vec<BucketRow>,
    history: Vec<Value>,
}

struct Told {
    statements: Vec<LedgerStatement>,
    samples: Vec<LedgerSample>,
}

fn captured<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn told(json: &str) -> Told {
    let rows: Captured = captured(json);
    let now = "2026-11-23T21:25:00Z".parse().unwrap();
    let found = between(&rows.before, &rows.after, rows.window_s);
    assert_eq!((found.unknown, found.reset), (0, 0));
    let (mut statements, rest) = statements(found, now);
    assert_eq!(rest, None);
    let lively = lively(&rows.before, 10);
    let asked = worth_asking(&statements, &lively, &rows.before, false, 10);
    let (before, after) = (by_digest(rows.times_before), by_digest(rows.times_after));
    add_times(&mut statements, &asked, &before, &after);
    let sample = |mut row: Value| {
        // The seam reads 0 and 1 as truth values; JSON does not.
        let no_index = row["no_index"] == 1;
        row["no_index"] = no_index.into();
        LedgerSample::of(serde_json::from_value::<HistoryRow>(row).unwrap(), now).unwrap()
    };
    let samples: Vec<LedgerSample> = rows.history.into_iter().map(sample).collect();
    add_users(&mut statements, &samples);
    Told {
        statements,
        samples,
    }
}

fn find<'a>(told: &'a Told, words: &str) -> &'a LedgerStatement {
    let plain = |text: &str| text.replace(['`', ' '], "").to_ascii_lowercase();
    let mut all = told.statements.iter();
    let found = all.find(|statement| plain(&statement.text).starts_with(words));
    found.unwrap_or_else(|| panic!("{words} is not among {:#?}", told.statements))
}

/// Forty look-ups by key, two scans, two sleeps of 0.2 s, two refused inserts, and a statement that had
/// not run before.
fn is_told(told: &Told) {
    let lookup = find(told, "selectid,afromtwhereid=?");
    assert_eq!((lookup.count, lookup.rows_sent), (40, 4));
    assert_eq!((lookup.no_index, lookup.failed), (0, 0));
    let scan = find(told, "selectcount(*)fromt");
    assert_eq!((scan.count, scan.full_scans, scan.no_index), (2, 2, 2));
    let slept = find(told, "selectsleep(?)");
    assert_eq!(slept.count, 2);
    assert!((400_000..450_000).contains(&slept.time_us), "{slept:?}");
    let refused = find(told, "insertintot");
    assert_eq!((refused.count, refused.failed), (2, 2));
    assert_eq!(find(told, "selectmax(a)fromt").count, 1);
    let only_before = told.statements.iter().any(|s| s.text == "SELECT ?");
    assert!(!only_before, "{:#?}", told.statements);
    assert_eq!(told.statements[0].digest, slept.digest);
    for statement in &told.statements {
        assert_eq!(statement.cpu_us, None, "its consumer was off");
    }
    let slept_once = &told.samples[0];
    assert_eq!(slept_once.digest, slept.digest);
    assert!(slept_once.time_us >= 200_000);
    let scanned = |sample: &&LedgerSample| sample.sql_text.starts_with("select count");
    assert!(
        told.samples
            .iter()
            .find(scanned)
            .is_some_and(|sample| sample.no_index)
    );
}

#[test]
fn what_ran_on_mysql_is_told_with_its_times() {
    let told = told(include_str!("../../fixtures/ledger/mysql97.json"));
    is_told(&told);
    let slept = find(&told, "selectsleep(?)").times.unwrap();
    assert_eq!(slept.runs, 2);
    assert!((200_000..=220_000).contains(&slept.p50_us), "{slept:?}");
    let lookup = find(&told, "selectid,afromtwhereid=?").times.unwrap();
    assert_eq!(lookup.runs, 40);
    assert!(
        lookup.p99_us < 20_000 && lookup.p50_us <= lookup.p99_us,
        "{lookup:?}"
    );
}

#[test]
fn what_ran_on_mariadb_is_told_without_them() {
    let told = told(include_str!("../../fixtures/ledger/mariadb1011.json"));
    is_told(&told);
    assert!(
        told.statements
            .iter()
            .all(|statement| statement.times.is_none())
    );
}

#[test]
fn of_a_digest_whose_first_histogram_was_not_read_the_times_are_unknown() {
    let rows: Captured = captured(include_str!("../../fixtures/ledger/mysql97.json"));
    let now = "2026-11-23T21:25:00Z".parse().unwrap();
    let (all, _) = statements(between(&rows.before, &rows.after, rows.window_s), now);
    let asked = worth_asking(&all, &[], &rows.before, false, 10);
    let known = |digest: &str| {
        rows.before
            .iter()
            .any(|row| row.digest.as_deref() == Some(digest))
    };
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|(_, digest)| !known(digest)), "{asked:?}");
    assert_eq!(worth_asking(&all, &[], &rows.before, true, 10), []);
}
