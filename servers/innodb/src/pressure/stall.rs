//! Everything that writes hangs while reads go on: a full disk, a flush or lock that holds commits, a
//! thread pool without free threads. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::limits::{FaultRow, LongRow};
use super::samples::{Pair, round};

const RUNBOOK: &str = "innodb_pressure";
/// A commit takes milliseconds, tens of them on a slow disk: one that has taken seconds hangs.
const HUNG_S: f64 = 2.0;
/// Writers that wait for the commit before them hang for longer than a slow statement would.
const BEHIND_S: f64 = 5.0;
/// One hung commit may be a large transaction; several at once are a stall.
const HUNG_COMMITS: usize = 3;
/// The server repeats its message about a full disk every ten minutes at most (`mysys`,
/// `MY_WAIT_GIVE_USER_A_MESSAGE` times `MY_WAIT_FOR_USER_TO_FIX_PANIC`): what is older is over, unless
/// commits still hang.
const REPEATED_S: i64 = 660;
const PATH_CHARS: usize = 120;

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
    writes.into_iter().chain(starved(pair)).collect()
}

/// The disk a commit writes to is full. The server says so itself: MySQL in its error log (`MY-000035`),
/// MariaDB by the state of the session that waits for room.
fn disk_full(pair: &Pair) -> Option<Finding> {
    let figures = figures(pair);
    let long = &pair.once.seen.long;
    let waiter = long
        .iter()
        .find(|row| row.state().contains("waiting for someone to free space"));
    let hung = figures.hung_commits + figures.hung_writes;
    let fault = pair.once.seen.faults.iter().find(|fault| {
        let repeated = fault.age_s <= REPEATED_S;
        fault.text.contains("No space left") && (hung > 0 || repeated && fault.code == "MY-000035")
            || fault.text.contains("Disk is full") && (hung > 0 || repeated)
    });
    if waiter.is_none() && fault.is_none() {
        return None;
    }
    let place = fault.map_or_else(
        || "the disk it writes to".to_owned(),
        |fault| format!("the disk of {}", place(fault)),
    );
    let longest = figures.longest_s.unwrap_or(0.0);
    let what = match (waiter, hung) {
        (_, 0) => "the next commit will hang".to_owned(),
        _ => format!("{hung} sessions that write hang, the longest for {longest:.0} s"),
    };
    let first = waiter.map_or_else(String::new, |row| {
        format!("; {} waits for room first", who(pair, row))
    });
    let severity = if hung > 0 {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let mut finding = Finding::new(
        "disk_full",
        severity,
        Confidence::Certain,
        format!("{place} is full: {what}, while reads go on{first}"),
    )
    .against("hung_writers", hung, 0, "sessions", "process list");
    if let Some(fault) = fault {
        let from = "performance_schema.error_log";
        finding = finding.evidence(
            "error_log",
            Untrusted::text(&fault.text, 200).to_string(),
            "",
            from,
        );
        finding = finding.evidence("error_log_age", fault.age_s, "s", from);
    }
    if let Some(row) = waiter {
        let state = Untrusted::text(row.state.as_deref().unwrap_or_default(), 60).to_string();
        finding = finding.evidence("state", state, "", "process list");
    }
    Some(
        with_rate(finding, &figures)
            .remedy(
                "free space on that disk (grow the volume, move files of others away); MySQL looks again \
                 once a minute",
                "safe; never remove a binary log file by hand, its index would still name it",
                "none; writers go on by themselves",
                RUNBOOK,
            )
            .remedy(
                "do not run SHOW BINARY LOGS, SHOW BINARY LOG STATUS or PURGE BINARY LOGS now, and stop \
                 monitors that do",
                "they hang behind the commit that waits for room and use up connections",
                "none",
                RUNBOOK,
            ),
    )
}

/// The file the server could not write: `Disk is full writing '/path' (OS errno 28 ...)`.
fn place(fault: &FaultRow) -> Untrusted {
    let path = fault
        .text
        .split_once("writing '")
        .and_then(|(_, rest)| rest.split_once('\''))
        .map_or(fault.text.as_str(), |(path, _)| path);
    Untrusted::text(path, PATH_CHARS)
}

/// Semi-synchronous replication: commits wait for a replica to acknowledge.
fn waiting_for_replica(pair: &Pair) -> Option<Finding> {
    let waiting = in_state(
        pair,
        &["waiting for semi-sync ack", "waiting for semi sync ack"],
    );
    let longest = waiting.first()?.time_s;
    Some(
        Finding::new(
            "commits_wait_for_replica",
            Severity::Critical,
            Confidence::Certain,
            format!(
                "{} commits wait for a replica to acknowledge them (semi-synchronous replication), the \
                 longest for {longest:.0} s",
                waiting.len()
            ),
        )
        .evidence("waiting_commits", waiting.len(), "sessions", "process list")
        .remedy(
            "mend the replica or its network; rpl_semi_sync_source_timeout ends the wait by itself",
            "safe",
            "none",
            RUNBOOK,
        ),
    )
}

/// `FLUSH TABLES WITH READ LOCK` or a backup lock: whoever holds it is found among metadata locks.
fn locked(pair: &Pair) -> Option<Finding> {
    const STATES: [&str; 5] = [
        "waiting for global read lock",
        "waiting for commit lock",
        "waiting for backup lock",
        "waiting for release of readlock",
        "waiting for global metadata lock",
    ];
    let waiting = in_state(pair, &STATES);
    let longest = waiting.first()?;
    let state = Untrusted::text(longest.state.as_deref().unwrap_or_default(), 60);
    Some(
        Finding::new(
            "writes_wait_for_global_lock",
            Severity::Critical,
            Confidence::Certain,
            format!(
                "{} sessions that write wait for a lock on the whole server ({state}), the longest for \
                 {:.0} s: a backup or FLUSH TABLES WITH READ LOCK holds it",
                waiting.len(),
                longest.time_s
            ),
        )
        .evidence("waiting_sessions", waiting.len(), "sessions", "process list")
        .next("innodb_lock_waits", json!({ "instance": pair.instance })),
    )
}

/// `FLUSH TABLES` waits for the oldest statement that uses a table, and everyone for it.
fn flushed(pair: &Pair) -> Option<Finding> {
    let waiting = in_state(pair, &["waiting for table flush"]);
    let since = waiting.first()?.time_s;
    let blocker = pair
        .once
        .seen
        .long
        .iter()
        .find(|row| row.time_s >= since && !row.state().contains("waiting for"));
    let behind = blocker.map_or_else(String::new, |row| {
        format!(
            ": they wait for connection {} ({}), which has run for {:.0} s",
            row.id,
            who(pair, row),
            row.time_s
        )
    });
    let finding = Finding::new(
        "sessions_wait_for_table_flush",
        Severity::Critical,
        if blocker.is_some() {
            Confidence::Likely
        } else {
            Confidence::Certain
        },
        format!(
            "{} sessions wait for FLUSH TABLES, the longest for {since:.0} s{behind}",
            waiting.len()
        ),
    )
    .evidence(
        "waiting_sessions",
        waiting.len(),
        "sessions",
        "process list",
    );
    Some(match blocker {
        Some(row) => finding.remedy(
            format!("KILL QUERY {}", row.id),
            "its client sees an error; the flush and those behind it go on",
            "its work so far is lost",
            RUNBOOK,
        ),
        None => finding.next("innodb_lock_waits", json!({ "instance": pair.instance })),
    })
}

/// Commits hang and nothing says why.
fn commits_hang(pair: &Pair) -> Option<Finding> {
    let figures = figures(pair);
    let longest = figures.longest_s?;
    if figures.hung_commits < HUNG_COMMITS {
        return None;
    }
    let finding = Finding::new(
        "commits_hang",
        Severity::Critical,
        Confidence::Possible,
        format!(
            "{} sessions hang in commit, the longest for {longest:.0} s: the redo log or the binary log \
             cannot be written (a full or stuck disk)",
            figures.hung_commits
        ),
    )
    .against("hung_commits", figures.hung_commits, HUNG_COMMITS, "sessions", "process list");
    Some(with_rate(finding, &figures).remedy(
        "look at the disks of the binary log and of the data (df, dmesg) and at the server's error log",
        "safe",
        "none",
        RUNBOOK,
    ))
}

/// All threads of a pool are busy, and statements wait for one. The server then looks idle.
fn starved(pair: &Pair) -> Option<Finding> {
    let pool = &pair.once.seen.pool;
    let queued: u64 = pool.iter().map(|group| group.queued).sum();
    let threads: u64 = pool.iter().map(|group| group.threads).sum();
    // A queue as long as the pool means that a statement waits for a whole other one to end.
    if queued == 0 || queued < threads.min(pool.len() as u64) {
        return None;
    }
    let longest = pair.once.seen.long.first();
    let holder = longest.map_or_else(String::new, |row| {
        format!(
            "; connection {} ({}) has run for {:.0} s",
            row.id,
            who(pair, row),
            row.time_s
        )
    });
    let size = pair.setting("thread_pool_size").unwrap_or(0);
    Some(
        Finding::new(
            "thread_pool_starved",
            Severity::Critical,
            Confidence::Likely,
            format!(
                "{queued} statements wait for a thread of the pool ({} groups, {threads} threads): the \
                 server looks idle and answers nobody{holder}",
                pool.len()
            ),
        )
        .against("queued_statements", queued, threads, "statements", "thread pool groups")
        .evidence("thread_pool_size", size, "groups", "variable thread_pool_size")
        .remedy(
            "end what blocks the pool's threads (long or waiting statements), or raise thread_pool_size \
             or thread_pool_max_threads",
            "ending a statement rolls it back; the settings are dynamic on MariaDB",
            "memory and context switches",
            RUNBOOK,
        )
        .next("innodb_lock_waits", json!({ "instance": pair.instance })),
    )
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

fn in_state<'a>(pair: &'a Pair, states: &[&str]) -> Vec<&'a LongRow> {
    let long = pair.once.seen.long.iter();
    long.filter(|row| states.iter().any(|state| row.state().contains(state)))
        .collect()
}

/// `program, user u@host`, with the program where statements tell it.
fn who(pair: &Pair, row: &LongRow) -> String {
    let mut current = pair.after.current.iter();
    let program = current
        .find(|known| known.id == row.id)
        .and_then(|known| known.program.clone());
    let host = row.host.as_deref().unwrap_or_default();
    super::work::Who {
        user: row.user.clone(),
        host: Some(
            host.rsplit_once(':')
                .map_or(host, |(name, _)| name)
                .to_owned(),
        ),
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
