//! Everything that writes hangs while reads go on: a full disk, a flush or lock that holds commits, a
//! thread pool without free threads. Pure.

mod disk;
mod room;
#[cfg(test)]
mod tests;
mod waits;

use schemars::JsonSchema;
use serde::Serialize;
use storex_tool::Finding;

use super::limits::LongRow;
use super::samples::{Pair, round};
use crate::sessions::without_port;
use disk::{commits_hang, disk_full};
use room::no_room;
use waits::{flushed, forced_recovery, locked, starved, waiting_for_replica};

const RUNBOOK: &str = "innodb_pressure";
/// A commit takes milliseconds, tens of them on a slow disk: one that has taken seconds hangs.
const HUNG_S: f64 = 2.0;
/// Writers that wait for the commit before them hang for longer than a slow statement would.
const BEHIND_S: f64 = 5.0;

/// Figures of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Sessions that hang in commit
    pub hung_commits: usize,
    /// Other writes that have run long meanwhile
    pub hung_writes: usize,
    /// The longest of them
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_s: Option<f64>,
    /// Statements a second that still arrive
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statements_per_s: Option<f64>,
    /// Statements waiting for a thread of the pool
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_for_threads: Option<u64>,
}

/// Reads the figures.
pub fn figures(pair: &Pair) -> Figures {
    let commits = hung_commits(pair);
    let writes = hung_writes(pair);
    let queued: u64 = pair.once.seen.pool.iter().map(|group| group.queued).sum();
    Figures {
        hung_commits: commits.len(),
        hung_writes: writes.len(),
        longest_s: commits
            .iter()
            .chain(&writes)
            .map(|row| row.time_s)
            .reduce(f64::max),
        statements_per_s: pair.per_s(&["questions"]).map(round),
        queued_for_threads: (!pair.once.seen.pool.is_empty()).then_some(queued),
    }
}

/// What makes writes hang.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let writes = disk_full(pair)
        .or_else(|| waiting_for_replica(pair))
        .or_else(|| locked(pair))
        .or_else(|| flushed(pair))
        .or_else(|| commits_hang(pair));
    [writes, no_room(pair), starved(pair), forced_recovery(pair)]
        .into_iter()
        .flatten()
        .collect()
}

fn hung_commits(pair: &Pair) -> Vec<&LongRow> {
    let long = pair.once.seen.long.iter();
    long.filter(|row| row.time_s >= HUNG_S && is_committing(&row.state()))
        .collect()
}

/// MySQL: `waiting for handler commit`, `starting` a COMMIT; MariaDB: `Commit`, `Commit implicit`.
fn is_committing(state: &str) -> bool {
    matches!(state, "commit" | "commit implicit" | "committing")
        || state.contains("waiting for handler commit")
        || state.contains("waiting for someone to free space")
        || state.contains("waiting for prior transaction to commit")
        || state.contains("waiting for prior transaction to start commit")
}

/// Other statements that write and have waited as long as a hung commit.
fn hung_writes(pair: &Pair) -> Vec<&LongRow> {
    if hung_commits(pair).is_empty() {
        return Vec::new();
    }
    let long = pair.once.seen.long.iter();
    long.filter(|row| row.time_s >= BEHIND_S && !is_committing(&row.state()) && writes(row))
        .collect()
}

fn writes(row: &LongRow) -> bool {
    let text = row.info.as_deref().unwrap_or_default().trim_start();
    let word: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    matches!(
        word.to_ascii_uppercase().as_str(),
        "INSERT"
            | "UPDATE"
            | "DELETE"
            | "REPLACE"
            | "COMMIT"
            | "LOAD"
            | "CREATE"
            | "ALTER"
            | "DROP"
    )
}

/// `program, user u@host`, with the program where statements tell it.
fn who(pair: &Pair, row: &LongRow) -> String {
    let mut current = pair.after.current.iter();
    let program = current
        .find(|known| known.id == row.id)
        .and_then(|known| known.program.clone())
        .or_else(|| pair.program_of(row.user.as_deref()));
    let host = row.host.as_deref().unwrap_or_default();
    super::work::Who {
        user: row.user.clone(),
        host: Some(without_port(host).to_owned()),
        program,
        connections: Vec::new(),
    }
    .phrase()
}

fn with_rate(finding: Finding, figures: &Figures) -> Finding {
    match figures.statements_per_s {
        Some(rate) => finding.evidence("statements_answered", rate, "per_s", "status Questions"),
        None => finding,
    }
}
