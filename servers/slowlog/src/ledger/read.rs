//! Reads a ledger through a tool's call: two samples, and what explains them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use storex_ledger::{Between, DigestRow, between};
use storex_sources::Value;
use storex_tool::{Call, Sample, ToolError};

use super::sample::{HistoryRow, LedgerSample};
use super::statement::{LedgerStatement, Rest};
use super::times::{BucketRow, Times};
use crate::probes::ledger::{DIGESTS, HISTORY_LONG, HISTORY_OF_SESSIONS, RECENT, TIMES, TIMES_OF};

/// The second sample is of what ran in the last minute.
const LONGEST_GAP: Duration = Duration::from_secs(50);
/// A statement that ran so recently may run again.
const LIVELY_S: i64 = 60;

/// What statements did between two samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// When the first sample was read.
    pub from: Timestamp,
    /// When the second was.
    pub to: Timestamp,
    /// The statements that ended in between, those that took most time first.
    pub statements: Vec<LedgerStatement>,
    /// Those that found no place in the server's table.
    pub rest: Option<Rest>,
    /// Single statements that ended in between, those that took longest first, as far as the server
    /// keeps a history.
    pub samples: Vec<LedgerSample>,
}

/// Reads what statements do in the next `gap`, at most 50 s. The coverage says what could not be read; `None` where
/// that is everything.
///
/// The tool declares [`crate::probes::ledger::ALL`].
///
/// # Errors
/// When the instance cannot be read at all or the call was stopped.
pub async fn read(call: &Call, gap: Duration) -> Result<Option<Ledger>, ToolError> {
    let Some(before) = call.want::<DigestRow>(&DIGESTS).await? else {
        return Ok(None);
    };
    let lively = lively(&before.rows);
    let times_before = times(call, &lively).await?;
    if !call.pass(gap.min(LONGEST_GAP)).await? {
        return Ok(None);
    }
    let Some(after) = call.want::<DigestRow>(&RECENT).await? else {
        return Ok(None);
    };
    let window = after.read_at.duration_since(before.read_at);
    let found = between(&before.rows, &after.rows, window.as_secs_f64());
    tell_what_is_not_known(call, &found, &before, window.as_secs());
    let rest = found.ran.iter().find_map(Rest::of);
    let ran = found.ran.into_iter();
    let mut statements: Vec<LedgerStatement> = ran
        .filter_map(|done| LedgerStatement::of(done, after.read_at))
        .collect();
    statements.sort_by_key(|statement| Reverse(statement.time_us));

    let asked = worth_asking(&statements, &lively, &before);
    let times_after = times(call, &asked).await?;
    for statement in &mut statements {
        let key = (statement.database.clone(), statement.digest.clone());
        if asked.contains(&key) {
            let of = |rows: &HashMap<Key, Vec<BucketRow>>| rows.get(&key).cloned();
            let before = of(&times_before).unwrap_or_default();
            statement.times = Times::between(&before, &of(&times_after).unwrap_or_default());
        }
    }
    let samples = history(call, before.read_at).await?;
    for statement in &mut statements {
        statement.look_for_users(&samples);
    }
    Ok(Some(Ledger {
        from: before.read_at,
        to: after.read_at,
        statements,
        rest,
        samples,
    }))
}

/// A digest in its schema.
type Key = (Option<String>, String);

/// Digests that are likely to run until the second sample: of those that ran lately, those that took
/// most time so far.
fn lively(rows: &[DigestRow]) -> Vec<Key> {
    let mut lively: Vec<&DigestRow> = rows
        .iter()
        .filter(|row| row.last_seen_age_s.is_some_and(|age| age <= LIVELY_S))
        .collect();
    lively.sort_by_key(|row| Reverse(row.time_ps));
    let key = |row: &DigestRow| Some((row.db.clone(), row.digest.clone()?));
    lively.into_iter().filter_map(key).take(TIMES_OF).collect()
}

/// The statements that took most time, among those whose histogram is known for the first sample: it was
/// read, or was empty because the statement was not there.
fn worth_asking(
    statements: &[LedgerStatement],
    read: &[Key],
    before: &Sample<DigestRow>,
) -> Vec<Key> {
    let was_there = |key: &Key| {
        let mut rows = before.rows.iter();
        before.truncated || rows.any(|row| row.digest.as_ref() == Some(&key.1) && row.db == key.0)
    };
    let key = |statement: &LedgerStatement| {
        let key = (statement.database.clone(), statement.digest.clone());
        (read.contains(&key) || !was_there(&key)).then_some(key)
    };
    statements.iter().filter_map(key).take(TIMES_OF).collect()
}

/// The distribution of times of these digests, where the server keeps it.
async fn times(call: &Call, of: &[Key]) -> Result<HashMap<Key, Vec<BucketRow>>, ToolError> {
    let mut by_digest: HashMap<Key, Vec<BucketRow>> = HashMap::new();
    if of.is_empty() {
        return Ok(by_digest);
    }
    let mut params = Vec::with_capacity(2 * TIMES_OF);
    for place in 0..TIMES_OF {
        let key = of.get(place);
        let db = key.and_then(|(db, _)| db.as_deref());
        params.push(db.map_or(Value::Null, Value::from));
        params.push(Value::from(key.map_or("", |(_, digest)| digest)));
    }
    let rows = call.want_with::<BucketRow>(&TIMES, &params).await?;
    for row in rows.map_or_else(Vec::new, |sample| sample.rows) {
        let key = (row.db.clone(), row.digest.clone());
        by_digest.entry(key).or_default().push(row);
    }
    Ok(by_digest)
}

/// Statements that ended since `from`: of all sessions where the server keeps them, else the last ones
/// of each session.
async fn history(call: &Call, from: Timestamp) -> Result<Vec<LedgerSample>, ToolError> {
    let mut samples: Vec<LedgerSample> = Vec::new();
    for probe in [&HISTORY_LONG, &HISTORY_OF_SESSIONS] {
        let Some(read) = call.want::<HistoryRow>(probe).await? else {
            continue;
        };
        let rows = read.rows.into_iter();
        samples = rows
            .filter_map(|row| LedgerSample::of(row, read.read_at))
            .filter(|sample| sample.ended_at >= from)
            .collect();
        if !samples.is_empty() {
            break;
        }
    }
    if samples.is_empty() {
        call.missing(
            "samples of statements and who ran them",
            "the server keeps no history of statements, or none ended in between",
            "enable the consumers events_statements_current and events_statements_history_long in \
             performance_schema.setup_consumers",
        );
    }
    Ok(samples)
}

fn tell_what_is_not_known(call: &Call, found: &Between, before: &Sample<DigestRow>, window_s: i64) {
    if found.unknown > 0 {
        let why = format!(
            "{} ran in the {window_s} s and were not among the first {} digests read",
            found.unknown,
            before.rows.len()
        );
        call.missing("some statements", why, "");
    }
    if found.reset > 0 {
        let why = format!(
            "the server's counters of {} were set back in between",
            found.reset
        );
        call.missing("some statements", why, "ask again");
    }
}
