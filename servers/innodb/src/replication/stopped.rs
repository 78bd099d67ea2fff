//! Detectors: threads that do not run. Pure.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::channel::{Channel, State};
use super::failure::Failure;
use super::progress::Progress;

pub(super) const RUNBOOK: &str = "innodb_replication";

/// What keeps a channel from working at all.
pub fn findings(progress: &[Progress], instance: &str, literals: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Progress { channel, .. } in progress {
        let applier = channel.applier.failure.as_ref();
        let receiver = channel.receiver.failure.as_ref();
        if let Some(failure) = applier.filter(|_| channel.applier.state == State::Stopped) {
            findings.push(applier_failed(channel, failure, instance, literals));
        }
        if let Some(failure) = receiver.filter(|_| channel.receiver.state != State::Running) {
            findings.push(receiver_failed(channel, failure, literals));
        }
        findings.extend(stopped(channel));
    }
    findings
}

/// `127.0.0.1:3306` or `channel x from 127.0.0.1:3306`, marked where needed.
pub(super) fn label(channel: &Channel) -> String {
    let source = Untrusted::name(&channel.source);
    match channel.name.as_str() {
        "" => source.to_string(),
        name => format!("{source} (channel {})", Untrusted::name(name)),
    }
}

fn applier_failed(channel: &Channel, failure: &Failure, instance: &str, literals: bool) -> Finding {
    let table = failure.table().map_or_else(String::new, |table| {
        format!(" on {}", Untrusted::name(table))
    });
    let mut finding = Finding::new(
        "applier_stopped_by_error",
        Severity::Critical,
        Confidence::Certain,
        format!(
            "the applier of {} stopped at error {}{table}: {}; this replica stays as it was then",
            label(channel),
            failure.number,
            failure.shown(literals)
        ),
    )
    .evidence(
        "error",
        failure.number,
        "",
        "replication_applier_status_by_worker, SHOW REPLICA STATUS",
    );
    if let Some(age) = failure.age_s {
        finding = finding.evidence(
            "stopped_for",
            age.round(),
            "s",
            "replication_applier_status_by_worker",
        );
    }
    if let Some(gtid) = failure.gtid() {
        let gtid = Untrusted::name(gtid);
        finding = finding.evidence(
            "transaction",
            gtid.as_str(),
            "",
            "replication_applier_status_by_worker",
        );
    }
    if let Some(gap) = channel.gap {
        finding = finding.evidence("received_not_applied", gap, "transactions", "GTID sets");
    }
    let (step, safety, cost) = way_out_of_applier(failure.number);
    finding.remedy(step, safety, cost, RUNBOOK).next(
        "innodb_replication",
        json!({ "instance": instance, "detail": "full" }),
    )
}

/// MySQL Error Message Reference; MySQL Reference Manual, "Troubleshooting Replication".
fn way_out_of_applier(number: u64) -> (&'static str, &'static str, &'static str) {
    const COMPARE: &str = "compare the row on both servers, make this one as the source had it before, then \
                           START REPLICA";
    const REBUILD: &str = "if more than a few rows differ, rebuild this replica from the source";
    match number {
        // Duplicate key, and a row that is not there.
        1062 | 1032 => (
            COMPARE,
            "safe while nobody else writes here; do not skip the transaction: the data would differ for good",
            REBUILD,
        ),
        // Lock wait time-out and deadlock, once the retries are used up.
        1205 | 1213 => (
            "end what holds the lock (innodb_lock_waits), then START REPLICA",
            "safe: the transaction is applied again from its beginning",
            "whoever held the lock is rolled back if killed",
        ),
        // No such table, column, database; a key that cannot be dropped; a type that does not convert.
        1146 | 1054 | 1049 | 1051 | 1050 | 1060 | 1061 | 1091 | 1677 | 13_146 => (
            "compare SHOW CREATE TABLE on both servers and repair the definition here, then START REPLICA",
            "safe where the definition is made as on the source",
            "a schema change on a large table takes as long here as there",
        ),
        // A relay log that cannot be read.
        1594 | 13_121 => (
            "STOP REPLICA, RESET REPLICA (it keeps the source's address with GTID), START REPLICA",
            "safe with GTID: what has been applied is known; without it note the executed position first",
            "received transactions are fetched again",
        ),
        _ => (
            "remove the cause the message names, then START REPLICA",
            "safe; do not skip the transaction: the data would differ for good",
            REBUILD,
        ),
    }
}

fn receiver_failed(channel: &Channel, failure: &Failure, literals: bool) -> Finding {
    let trying = channel.receiver.state == State::Connecting;
    let id = if trying {
        "receiver_cannot_connect"
    } else {
        "receiver_stopped_by_error"
    };
    let verb = if trying {
        "cannot connect to"
    } else {
        "has stopped fetching from"
    };
    let mut finding = Finding::new(
        id,
        Severity::Critical,
        Confidence::Certain,
        format!(
            "the receiver {verb} {}: error {}, {}",
            label(channel),
            failure.number,
            failure.shown(literals)
        ),
    )
    .evidence(
        "error",
        failure.number,
        "",
        "replication_connection_status, SHOW REPLICA STATUS",
    );
    if let Some(silent) = channel.silent_s {
        finding = finding.evidence(
            "nothing_received_for",
            silent.round(),
            "s",
            "replication_connection_status",
        );
    }
    let (step, safety, cost) = way_out_of_receiver(failure.number);
    finding.remedy(step, safety, cost, RUNBOOK)
}

/// MySQL Error Message Reference, server and client errors.
fn way_out_of_receiver(number: u64) -> (&'static str, &'static str, &'static str) {
    match number {
        // Access denied, password expired, plugin needs a secure connection, no privilege.
        1044 | 1045 | 1227 | 1820 | 1862 | 2059 | 2061 => (
            "test the replication account on the source by hand; then STOP REPLICA, CHANGE REPLICATION SOURCE TO \
             SOURCE_PASSWORD (MariaDB: CHANGE MASTER TO MASTER_PASSWORD), START REPLICA",
            "safe: positions are kept",
            "none",
        ),
        2026 => (
            "compare what both sides require of TLS: certificates, versions, SOURCE_SSL",
            "safe",
            "none",
        ),
        2002 | 2003 | 2005 | 2006 | 2013 => (
            "see whether the source runs and its port can be reached from this host; the receiver tries again by \
             itself until its retries are used up",
            "safe",
            "none",
        ),
        // The source no longer has what is asked for, or the histories differ.
        1236 | 13_114 => (
            "see in the message whether binary logs were purged or histories differ: clone this replica anew, or \
             point it to a server that still has them",
            "cloning replaces all data here; never start from a later position, which loses transactions",
            "hours for a large server, and load on the donor",
        ),
        // A server with the same id or UUID.
        1593 | 13_117 => (
            "give this server its own server_id and server_uuid (remove auto.cnf of a copied data folder)",
            "needs a restart",
            "a restart",
        ),
        _ => (
            "remove the cause the message names, then START REPLICA",
            "safe: positions are kept",
            "none",
        ),
    }
}

/// Stopped, and nothing says why: somebody's command, or `skip_replica_start` after a restart.
fn stopped(channel: &Channel) -> Option<Finding> {
    let stopped =
        |side: &super::channel::Side| side.state == State::Stopped && side.failure.is_none();
    let what = match (stopped(&channel.receiver), stopped(&channel.applier)) {
        (true, true) => "receiver and applier",
        (true, false) => "the receiver",
        (false, true) => "the applier",
        (false, false) => return None,
    };
    let mut finding = Finding::new(
        "replication_stopped",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "{what} of {} stopped without an error: by STOP REPLICA, or not started after a restart",
            label(channel)
        ),
    )
    .evidence("receiver", channel.receiver.state.as_str(), "", "replication_connection_status, SHOW REPLICA STATUS")
    .evidence("applier", channel.applier.state.as_str(), "", "replication_applier_status, SHOW REPLICA STATUS");
    if let Some(silent) = channel.silent_s {
        finding = finding.evidence(
            "nothing_received_for",
            silent.round(),
            "s",
            "replication_connection_status",
        );
    }
    Some(finding.remedy(
        "ask who stopped it (maintenance, a backup), then START REPLICA",
        "safe, and can be undone by STOP REPLICA",
        "it catches up with load on this server and its source",
        RUNBOOK,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replication::channel::Side;

    fn channel(receiver: State, applier: State, number: Option<u64>) -> Progress {
        let failure = Failure::of(
            number,
            Some(
                "Could not execute Write_rows event on table shop.t; \
            Duplicate entry 'secret' for key 'PRIMARY', Error_code: 1062",
            ),
            Some(12.0),
        );
        let side = |state: State| Side {
            state,
            failure: failure.clone().filter(|_| state != State::Running),
            ..Side::default()
        };
        Progress {
            channel: Channel {
                source: "10.0.0.1:3306".into(),
                receiver: side(receiver),
                applier: side(applier),
                ..Channel::default()
            },
            ..Progress::default()
        }
    }

    fn told(progress: Progress) -> Vec<Finding> {
        findings(&[progress], "shop", false)
    }

    #[test]
    fn an_error_is_told_with_table_and_number_and_without_values() {
        let found = told(channel(State::Running, State::Stopped, Some(1062)));
        assert_eq!(found[0].id, "applier_stopped_by_error");
        let statement = &found[0].statement;
        assert!(statement.contains("error 1062 on shop.t"), "{statement}");
        assert!(!format!("{found:?}").contains("secret"));
        assert!(
            found[0]
                .remedy
                .iter()
                .all(|remedy| !remedy.step.contains("skip"))
        );
    }

    #[test]
    fn a_receiver_that_tries_is_told_from_one_that_gave_up() {
        let ids = |state| told(channel(state, State::Running, Some(1045)))[0].id;
        assert_eq!(ids(State::Connecting), "receiver_cannot_connect");
        assert_eq!(ids(State::Stopped), "receiver_stopped_by_error");
    }

    #[test]
    fn a_stop_by_hand_is_no_error_and_what_runs_is_silent() {
        assert_eq!(
            told(channel(State::Stopped, State::Stopped, None))[0].id,
            "replication_stopped"
        );
        assert!(told(channel(State::Running, State::Running, Some(1062))).is_empty());
        assert!(told(channel(State::Connecting, State::Running, None)).is_empty());
    }
}
