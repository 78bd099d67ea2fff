//! Sessions that wait for one thing of the whole server: a replica, a global lock, a flush, a thread.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::super::limits::LongRow;
use super::super::samples::Pair;
use super::{RUNBOOK, who};

/// Semi-synchronous replication: commits wait for a replica to acknowledge.
pub(super) fn waiting_for_replica(pair: &Pair) -> Option<Finding> {
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
pub(super) fn locked(pair: &Pair) -> Option<Finding> {
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
pub(super) fn flushed(pair: &Pair) -> Option<Finding> {
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

/// All threads of a pool are busy, and statements wait for one. The server then looks idle.
pub(super) fn starved(pair: &Pair) -> Option<Finding> {
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

/// A server started to save its data: `InnoDB` refuses writes, some of them or all (MySQL Reference
/// Manual, "Forcing `InnoDB` Recovery": DML is disallowed above 0; read-only from 4 on).
pub(super) fn forced_recovery(pair: &Pair) -> Option<Finding> {
    let level = pair
        .setting("innodb_force_recovery")
        .filter(|level| *level > 0)?;
    Some(
        Finding::new(
            "forced_recovery",
            Severity::Critical,
            Confidence::Certain,
            format!("innodb_force_recovery = {level}: InnoDB refuses writes, and leaves rollback and purge undone from 2 or 3 on"),
        )
        .against("innodb_force_recovery", level, 0, "", "variable innodb_force_recovery")
        .remedy(
            "once the data is dumped or proven sound, set it to 0 and restart",
            "needs a restart; never raise it without a copy of the data directory",
            "a restart",
            RUNBOOK,
        ),
    )
}

fn in_state<'a>(pair: &'a Pair, states: &[&str]) -> Vec<&'a LongRow> {
    let long = pair.once.seen.long.iter();
    long.filter(|row| states.iter().any(|state| row.state().contains(state)))
        .collect()
}
