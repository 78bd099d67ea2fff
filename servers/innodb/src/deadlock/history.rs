//! Deadlocks in the error log, as far as `performance_schema.error_log` shows them: when, of how
//! many transactions, and which was rolled back. Statements and locks are in the log file only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::monitor::deadlock_log::{LogDeadlocks, Part, read_parts};

/// The span recurrence is told over.
const RECENT_S: f64 = 300.0;

/// One row of `performance_schema.error_log`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LogRow {
    /// When it was written, as printed.
    pub logged: String,
    /// Seconds since then.
    pub age_s: f64,
    /// The message.
    pub data: String,
}

/// What the rows tell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct History {
    /// Deadlocks in the rows read
    pub deadlocks: usize,
    /// Age of the oldest row read
    pub span_s: f64,
    /// In the last five minutes
    pub last_5_min: usize,
    /// Of three transactions or more
    pub larger_circles: usize,
    /// Messages not understood
    #[serde(skip)]
    pub not_understood: u64,
}

/// Reads rows that come newest first.
pub fn history(rows: &[LogRow]) -> Option<History> {
    let oldest = rows.last()?;
    let oldest_first = rows.iter().rev();
    let parts = oldest_first.map(|row| Part {
        at: &row.logged,
        thread: None,
        text: &row.data,
    });
    let LogDeadlocks {
        deadlocks, lines, ..
    } = read_parts(parts);
    let recent = |at: &str| {
        let row = rows.iter().find(|row| row.logged == at);
        row.is_some_and(|row| row.age_s <= RECENT_S)
    };
    let last_5_min = deadlocks
        .iter()
        .filter(|one| one.at.as_deref().is_some_and(recent));
    Some(History {
        deadlocks: deadlocks.len(),
        span_s: oldest.age_s.round(),
        last_5_min: last_5_min.count(),
        larger_circles: deadlocks
            .iter()
            .filter(|one| one.deadlock.transactions.len() > 2)
            .count(),
        not_understood: lines.unparsed,
    })
}
