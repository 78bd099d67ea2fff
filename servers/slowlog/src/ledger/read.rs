//! Reads a ledger through a tool's call: two samples, and what explains them.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use storex_ledger::{Between, DigestRow, between};
use storex_sources::Value;
use storex_tool::{Call, Sample, ToolError};

use super::assemble::{self, Key, add_times, add_users, by_digest, lively, worth_asking};
use super::sample::{HistoryRow, LedgerSample};
use super::statement::{LedgerStatement, Rest};
use super::times::BucketRow;
use crate::probes::ledger::{DIGESTS, HISTORY_LONG, HISTORY_OF_SESSIONS, RECENT, TIMES, TIMES_OF};

/// The second sample is of what ran in the last minute.
const LONGEST_GAP: Duration = Duration::from_secs(50);
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
    let lively = lively(&before.rows, TIMES_OF);
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
    let (mut statements, rest) = assemble::statements(found, after.read_at);
    let (rows, is_cut) = (&before.rows, before.truncated);
    let asked = worth_asking(&statements, &lively, rows, is_cut, TIMES_OF);
    let times_after = times(call, &asked).await?;
    add_times(&mut statements, &asked, &times_before, &times_after);
    let samples = history(call, before.read_at).await?;
    add_users(&mut statements, &samples);
    Ok(Some(Ledger {
        from: before.read_at,
        to: after.read_at,
        statements,
        rest,
        samples,
    }))
}

/// The distribution of times of these digests, where the server keeps it.
async fn times(call: &Call, of: &[Key]) -> Result<HashMap<Key, Vec<BucketRow>>, ToolError> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let mut params = Vec::with_capacity(2 * TIMES_OF);
    for place in 0..TIMES_OF {
        let key = of.get(place);
        let db = key.and_then(|(db, _)| db.as_deref());
        params.push(db.map_or(Value::Null, Value::from));
        params.push(Value::from(key.map_or("", |(_, digest)| digest)));
    }
    let rows = call.want_with::<BucketRow>(&TIMES, &params).await?;
    Ok(by_digest(rows.map_or_else(Vec::new, |sample| sample.rows)))
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
