//! Detectors: running, and behind. The cause where the evidence carries it, else the lag itself. Pure.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::applying::Applying;
use super::channel::Place;
use super::long_transaction::{long_transaction, without_key};
use super::progress::Progress;
use super::stopped::{RUNBOOK, label};

/// Less is everyday: a transaction of that length on the source is as long here.
const LAG_S: f64 = 10.0;
/// A transaction that keeps a replica this far behind, and is not done, is worth a word before.
const LAG_EXPLAINED_S: f64 = 3.0;
/// From when on `pmp-check-mysql-replication-delay` warns (300 s), and the MySQL mixin for Prometheus
/// alerts on lag that will not shrink (30 s).
const LAG_WARNING_S: f64 = 30.0;
const LAG_CRITICAL_S: f64 = 300.0;
/// Ordinary lock waits are over by then; the server retries after `innodb_lock_wait_timeout`, 50 s.
const BLOCKED_S: f64 = 5.0;
/// Clocks kept by NTP agree to milliseconds ("replication delay" in the manual's chapter "Delayed
/// Replication" is measured across two of them).
const CLOCK_S: f64 = 1.0;
/// Transactions waiting while none is long: many small ones.
const MANY_WAITING: u64 = 50;

/// What else the detectors go by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The instance, for calls that look further.
    pub instance: &'a str,
    /// Whether literals may be shown.
    pub literals: bool,
    /// Applier workers set up; 0 and 1 both mean one at a time.
    pub workers: Option<u64>,
}

/// Why running channels are behind.
pub fn findings(progress: &[Progress], context: &Context<'_>) -> Vec<Finding> {
    progress
        .iter()
        .flat_map(|progress| of_channel(progress, context))
        .collect()
}

fn of_channel(progress: &Progress, context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = clock(progress).into_iter().collect();
    if !progress.runs() {
        return findings;
    }
    if let Some(blocked) = blocked(progress, context) {
        findings.push(blocked);
        return findings;
    }
    let place = progress.channel.lag.place;
    match progress.unwanted_lag_s() {
        lag if lag < LAG_EXPLAINED_S => return findings,
        lag if lag < LAG_S => {
            if matches!(place, Place::Applier | Place::Nowhere) {
                findings.extend(long_transaction(progress, context));
                findings.extend(without_key(progress));
            }
            return findings;
        }
        _ => {}
    }
    let cause = match place {
        Place::Delay => return findings,
        Place::Upstream => Some(upstream(progress)),
        Place::Receiver => Some(receiver(progress)),
        Place::Applier | Place::Nowhere => {
            long_transaction(progress, context).or_else(|| one_at_a_time(progress, context))
        }
    };
    findings.push(cause.unwrap_or_else(|| lag(progress)));
    findings.extend(without_key(progress));
    findings
}

pub(super) fn severity(progress: &Progress) -> Severity {
    match progress.unwanted_lag_s() {
        lag if lag >= LAG_CRITICAL_S => Severity::Critical,
        lag if lag < LAG_S => Severity::Info,
        lag if lag >= LAG_WARNING_S || progress.is_growing() => Severity::Warning,
        _ => Severity::Info,
    }
}

/// The lag as evidence, with where it goes.
pub(super) fn with_lag(finding: Finding, progress: &Progress) -> Finding {
    let lag = &progress.channel.lag;
    let mut finding = finding.against(
        "lag",
        lag.seconds.unwrap_or_default().round(),
        LAG_S + progress.channel.delay_s as f64,
        "s",
        lag.by,
    );
    if let Some(change) = progress.lag_per_s {
        let change = (change * 100.0).round() / 100.0;
        finding = finding.evidence("lag_change", change, "s/s", "two samples");
    }
    if let Some(catch_up) = progress.catch_up_s {
        finding = finding.evidence("caught_up_in", catch_up.round(), "s", "two samples");
    }
    if let Some(gap) = progress.channel.gap {
        finding = finding.evidence("received_not_applied", gap, "transactions", "GTID sets");
    }
    finding
}

/// `45 s behind 10.0.0.1:3306`.
pub(super) fn behind(progress: &Progress) -> String {
    let lag = &progress.channel.lag;
    let at_least = if lag.at_least { "at least " } else { "" };
    let seconds = lag.seconds.unwrap_or_default();
    format!(
        "{at_least}{seconds:.0} s behind {}",
        label(&progress.channel)
    )
}

fn blocked(progress: &Progress, context: &Context<'_>) -> Option<Finding> {
    let blocked = progress
        .channel
        .applying
        .iter()
        .find(|applying| applying.waits() && waited_s(applying) >= BLOCKED_S)?;
    let waits_for = match (&blocked.waits_for, blocked.row_lock_wait_s) {
        (Some(object), _) => format!("the metadata lock of {}", Untrusted::name(object)),
        (None, Some(_)) => "a row lock".to_owned(),
        (None, None) => "a lock".to_owned(),
    };
    let waited = waited_s(blocked).round();
    let mut finding = Finding::new(
        "applier_blocked",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "the applier of {} (connection {}) has waited {waited:.0} s for {waits_for} held on this replica",
            label(&progress.channel),
            blocked.thread.unwrap_or_default()
        ),
    )
    .against("waited", waited, BLOCKED_S, "s", "innodb_trx, process list");
    if let Some(state) = &blocked.state {
        let state = Untrusted::text(state, 80);
        finding = finding.evidence("state", state.as_str(), "", "process list");
    }
    Some(
        with_lag(finding, progress)
            .next("innodb_lock_waits", json!({ "instance": context.instance }))
            .remedy(
                "end what holds the lock: a backup's FLUSH TABLES WITH READ LOCK, a report, a forgotten transaction",
                "depends on the holder; innodb_lock_waits names it",
                "the holder's work is lost if killed",
                RUNBOOK,
            ),
    )
}

fn waited_s(applying: &Applying) -> f64 {
    let row_lock = applying.row_lock_wait_s.map(|wait| wait as f64);
    row_lock.unwrap_or(applying.age_s)
}

fn upstream(progress: &Progress) -> Finding {
    let finding = Finding::new(
        "lag_from_upstream",
        severity(progress),
        Confidence::Likely,
        format!(
            "this replica is {}, but its own source already had the transactions that late: the lag is further up \
             the chain",
            behind(progress)
        ),
    );
    with_lag(finding, progress)
}

fn receiver(progress: &Progress) -> Finding {
    let finding = Finding::new(
        "receiver_behind",
        severity(progress),
        Confidence::Likely,
        format!(
            "this replica is {}: transactions arrive late while the applier waits for them, so the network, the \
             source's disk or this server's relay log is what is slow",
            behind(progress)
        ),
    );
    let finding = match progress.channel.arrived_late_s {
        Some(late) => finding.evidence(
            "arrived_late",
            late.round(),
            "s",
            "replication_connection_status",
        ),
        None => finding,
    };
    with_lag(finding, progress).remedy(
        "look at throughput and errors between the hosts; compress the connection \
         (SOURCE_COMPRESSION_ALGORITHMS, MariaDB slave_compressed_protocol)",
        "safe: needs STOP REPLICA and START REPLICA of the receiver",
        "CPU on both sides",
        RUNBOOK,
    )
}

/// Many small transactions, one after the other, and no end in sight.
fn one_at_a_time(progress: &Progress, context: &Context<'_>) -> Option<Finding> {
    let workers = context.workers.filter(|workers| *workers <= 1)?;
    let gap = progress.channel.gap.filter(|gap| *gap >= MANY_WAITING)?;
    if !progress.is_growing() || progress.applied_per_s? <= 0.0 {
        return None;
    }
    let finding = Finding::new(
        "single_threaded_applier",
        severity(progress),
        Confidence::Likely,
        format!(
            "this replica is {}: it applies one transaction at a time while its source commits in parallel, and {gap} wait",
            behind(progress)
        ),
    )
    .against("applier_workers", workers, 4, "threads", "replica_parallel_workers, slave_parallel_threads");
    let rates = [
        ("applied", progress.applied_per_s),
        ("received", progress.received_per_s),
    ];
    let finding = rates
        .into_iter()
        .fold(finding, |finding, (what, rate)| match rate {
            Some(rate) => finding.evidence(what, rate.round(), "per_s", "GTID sets, two samples"),
            None => finding,
        });
    Some(with_lag(finding, progress).remedy(
        "STOP REPLICA SQL_THREAD, set replica_parallel_workers (MariaDB slave_parallel_threads) to 4 or more with \
         replica_preserve_commit_order=ON, START REPLICA SQL_THREAD",
        "safe, and can be set back",
        "some CPU and more concurrent row locks here",
        RUNBOOK,
    ))
}

fn lag(progress: &Progress) -> Finding {
    let trend = match (progress.catch_up_s, progress.is_growing()) {
        (Some(seconds), _) => format!("; it catches up in about {seconds:.0} s"),
        (None, true) => " and falls further behind".to_owned(),
        (None, false) => String::new(),
    };
    let finding = Finding::new(
        "replication_lag",
        severity(progress),
        Confidence::Possible,
        format!("this replica is {}{trend}", behind(progress)),
    );
    let rates = [
        ("applied", progress.applied_per_s),
        ("received", progress.received_per_s),
    ];
    let finding = rates
        .into_iter()
        .fold(finding, |finding, (what, rate)| match rate {
            Some(rate) => finding.evidence(what, rate.round(), "per_s", "GTID sets, two samples"),
            None => finding,
        });
    with_lag(finding, progress)
}

fn clock(progress: &Progress) -> Option<Finding> {
    let ahead = progress
        .channel
        .clock_ahead_s
        .filter(|ahead| *ahead >= CLOCK_S)?;
    Some(
        Finding::new(
            "clock_skew",
            Severity::Info,
            Confidence::Certain,
            format!(
                "the clock of {} runs at least {ahead:.1} s ahead of this server's: lag by commit times is too low \
                 by as much",
                label(&progress.channel)
            ),
        )
        .against("clock_ahead", (ahead * 10.0).round() / 10.0, CLOCK_S, "s", "commit timestamps")
        .remedy("synchronise both clocks (chrony, ntpd)", "safe", "none", RUNBOOK),
    )
}

#[cfg(test)]
mod tests;
