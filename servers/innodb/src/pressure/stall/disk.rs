//! Commits that hang because a disk is full or stuck.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::super::limits::FaultRow;
use super::super::samples::Pair;
use super::{RUNBOOK, figures, hung_commits, who, with_rate};

/// One hung commit may be a large transaction; several at once are a stall.
const HUNG_COMMITS: usize = 3;

/// A server that waits for room tries again after this long (`mysys`,
/// `MY_WAIT_FOR_USER_TO_FIX_PANIC`), and says nothing once it has found room: an older message tells
/// only together with sessions that hang.
const RETRY_S: i64 = 60;

const PATH_CHARS: usize = 120;

/// The disk a commit writes to is full. The server says so itself: MySQL in its error log (`MY-000035`),
/// MariaDB by the state of the session that waits for room.
pub(super) fn disk_full(pair: &Pair) -> Option<Finding> {
    let figures = figures(pair);
    let long = &pair.once.seen.long;
    let waiter = long
        .iter()
        .find(|row| row.state().contains("waiting for someone to free space"));
    let hung = figures.hung_commits + figures.hung_writes;
    let fault = pair
        .once
        .seen
        .faults
        .iter()
        .find(|fault| tells_no_room(fault) && (hung > 0 || fault.age_s <= RETRY_S));
    if waiter.is_none() && fault.is_none() {
        return None;
    }
    let place = match fault {
        Some(fault) => format!("the disk of {}", place(fault)),
        // Of what a commit writes, only the binary log waits for room.
        None if figures.hung_commits > 0 => {
            "a disk, likely that of the binary log (log_bin_basename),".to_owned()
        }
        None => "a disk the server writes to".to_owned(),
    };
    let longest = figures.longest_s.unwrap_or(0.0);
    let what = match (waiter, hung) {
        (_, 0) => "the server said so a moment ago, and commits hang while it is so".to_owned(),
        _ => format!("{hung} sessions that write hang, the longest for {longest:.0} s"),
    };
    let longest_hung = hung_commits(pair).into_iter().next();
    let first = waiter.or(longest_hung).map_or_else(String::new, |row| {
        format!("; first of them {}", who(pair, row))
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
        let text = Untrusted::text(&fault.text, 200).to_string();
        finding = finding.evidence("error_log", text, "", from).evidence(
            "error_log_age",
            fault.age_s,
            "s",
            from,
        );
    }
    if let Some(row) = waiter {
        let state = Untrusted::text(row.state.as_deref().unwrap_or_default(), 60).to_string();
        finding = finding.evidence("state", state, "", "process list");
    }
    Some(with_ways_out(with_rate(finding, &figures)))
}

fn with_ways_out(finding: Finding) -> Finding {
    finding
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
        )
}

/// `Disk is full writing '/path' (OS errno 28 ...)`, `Write to file /path failed ... Operating system
/// error number 28`.
fn tells_no_room(fault: &FaultRow) -> bool {
    ["No space left", "Disk is full", "error number 28"]
        .iter()
        .any(|part| fault.text.contains(part))
}

/// The file the server could not write.
fn place(fault: &FaultRow) -> Untrusted {
    let between = |start: &str, end: &str| {
        let (_, rest) = fault.text.split_once(start)?;
        rest.split_once(end).map(|(path, _)| path.trim())
    };
    let path = between("writing '", "'").or_else(|| between("Write to file", "failed"));
    Untrusted::text(path.unwrap_or(&fault.text), PATH_CHARS)
}

/// Commits hang and nothing says why.
pub(super) fn commits_hang(pair: &Pair) -> Option<Finding> {
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
