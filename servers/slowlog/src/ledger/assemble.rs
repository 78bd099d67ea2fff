//! A ledger of what was read. Pure.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use storex_ledger::{Between, DigestRow};

use super::sample::LedgerSample;
use super::statement::{LedgerStatement, Rest};
use super::times::{BucketRow, Times};

/// A statement that ran so recently may run again.
const LIVELY_S: i64 = 60;

/// A digest in its schema.
pub(super) type Key = (Option<String>, String);

/// The statements of a difference, those that took most time first, and what found no place in the
/// server's table.
pub(super) fn statements(
    found: Between,
    read_at: Timestamp,
) -> (Vec<LedgerStatement>, Option<Rest>) {
    let rest = found.ran.iter().find_map(Rest::of);
    let ran = found.ran.into_iter();
    let mut statements: Vec<LedgerStatement> = ran
        .filter_map(|done| LedgerStatement::of(done, read_at))
        .collect();
    statements.sort_by_key(|statement| Reverse(statement.time_us));
    (statements, rest)
}

/// Digests that are likely to run until the second sample: of those that ran lately, the `most` that
/// took most time so far.
pub(super) fn lively(rows: &[DigestRow], most: usize) -> Vec<Key> {
    let mut lively: Vec<&DigestRow> = rows
        .iter()
        .filter(|row| row.last_seen_age_s.is_some_and(|age| age <= LIVELY_S))
        .collect();
    lively.sort_by_key(|row| Reverse(row.time_ps));
    let key = |row: &DigestRow| Some((row.db.clone(), row.digest.clone()?));
    lively.into_iter().filter_map(key).take(most).collect()
}

/// The `most` statements that took most time among those whose histogram is known for the first sample:
/// it was read, or was empty because the statement was not there.
pub(super) fn worth_asking(
    statements: &[LedgerStatement],
    read: &[Key],
    before: &[DigestRow],
    is_cut: bool,
    most: usize,
) -> Vec<Key> {
    let was_there = |key: &Key| {
        let mut rows = before.iter();
        is_cut || rows.any(|row| row.digest.as_ref() == Some(&key.1) && row.db == key.0)
    };
    let wanted = |statement: &LedgerStatement| {
        let key = key(statement);
        (read.contains(&key) || !was_there(&key)).then_some(key)
    };
    statements.iter().filter_map(wanted).take(most).collect()
}

/// Gives the statements that were `asked` about their times in between.
pub(super) fn add_times(
    statements: &mut [LedgerStatement],
    asked: &[Key],
    before: &HashMap<Key, Vec<BucketRow>>,
    after: &HashMap<Key, Vec<BucketRow>>,
) {
    for statement in statements {
        let key = key(statement);
        if asked.contains(&key) {
            let of = |rows: &HashMap<Key, Vec<BucketRow>>| rows.get(&key).cloned();
            let before = of(before).unwrap_or_default();
            statement.times = Times::between(&before, &of(after).unwrap_or_default());
        }
    }
}

/// Gives each statement those who were seen running it.
pub(super) fn add_users(statements: &mut [LedgerStatement], samples: &[LedgerSample]) {
    for statement in statements {
        statement.look_for_users(samples);
    }
}

/// Rows of histograms by digest.
pub(super) fn by_digest(rows: Vec<BucketRow>) -> HashMap<Key, Vec<BucketRow>> {
    let mut by_digest: HashMap<Key, Vec<BucketRow>> = HashMap::new();
    for row in rows {
        let key = (row.db.clone(), row.digest.clone());
        by_digest.entry(key).or_default().push(row);
    }
    by_digest
}

fn key(statement: &LedgerStatement) -> Key {
    (statement.database.clone(), statement.digest.clone())
}
