//! Detectors: threads that do not run. Pure.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::channel::{Channel, State};
use super::failure::Failure;
use super::progress::Progress;
use super::ways_out::{way_out_of_applier, way_out_of_receiver};

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
        findings.extend(no_room(channel));
        findings.extend(silent(channel));
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

/// Heartbeats missed before a connection counts as dead; the server itself waits for
/// `replica_net_timeout`, by default two of them.
const HEARTBEATS: f64 = 1.5;

/// A connection that looks alive and brings nothing, not even heartbeats: lag then reads 0.
fn silent(channel: &Channel) -> Option<Finding> {
    let interval = channel
        .heartbeat_interval_s
        .filter(|interval| *interval > 0.0)?;
    let silent = channel
        .silent_s
        .filter(|silent| *silent > interval * HEARTBEATS)?;
    if channel.receiver.state != State::Running {
        return None;
    }
    Some(
        Finding::new(
            "source_silent",
            Severity::Warning,
            Confidence::Likely,
            format!(
                "nothing has come from {} for {silent:.0} s, not even a heartbeat: the connection is dead or the \
                 source hangs, and lag cannot be seen",
                label(channel)
            ),
        )
        .against(
            "nothing_received_for",
            silent.round(),
            (interval * HEARTBEATS).round(),
            "s",
            "replication_connection_status",
        )
        .remedy(
            "look at the source and the network; STOP REPLICA IO_THREAD and START REPLICA IO_THREAD connect anew",
            "safe: positions are kept",
            "none",
            RUNBOOK,
        ),
    )
}

/// States of threads that wait for room (MySQL Reference Manual, "Replication I/O (Receiver) Thread
/// States"; a full disk: "How MySQL Handles a Full Disk").
fn no_room(channel: &Channel) -> Option<Finding> {
    let sides = [&channel.receiver, &channel.applier];
    let mut doing = sides.into_iter().filter_map(|side| side.doing.as_deref());
    let state = doing.find(|state| {
        state.contains("free enough relay log space")
            || state.contains("free space")
            || state.contains("disk space")
    })?;
    let limit = state.contains("relay log space");
    let (severity, why, step) = if limit {
        (
            Severity::Warning,
            "relay_log_space_limit is reached, so nothing more is fetched until the applier has caught up",
            "raise relay_log_space_limit or set it to 0, and restart; look first at why the applier is slow",
        )
    } else {
        (
            Severity::Critical,
            "the disk of its logs is full",
            "free room on the disk of relay and binary logs; the server goes on by itself within a minute",
        )
    };
    let shown = Untrusted::text(state, 80);
    let mut finding = Finding::new(
        "relay_log_without_room",
        severity,
        Confidence::Certain,
        format!("replication from {} waits for room: {why}", label(channel)),
    )
    .evidence("state", shown.as_str(), "", "SHOW REPLICA STATUS");
    if let Some(bytes) = channel.relay_log_bytes {
        finding = finding.evidence(
            "relay_logs",
            bytes,
            "bytes",
            "SHOW REPLICA STATUS, Relay_Log_Space",
        );
    }
    Some(finding.remedy(
        step,
        "safe; never delete relay logs by hand",
        "none",
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
    fn a_thread_that_waits_for_room_is_told() {
        let doing = |state: &str| {
            let mut progress = channel(State::Running, State::Running, None);
            progress.channel.receiver.doing = Some(state.into());
            told(progress).first().map(|finding| finding.severity)
        };
        assert_eq!(
            doing("Waiting for the replica SQL thread to free enough relay log space"),
            Some(Severity::Warning)
        );
        assert_eq!(
            doing("Waiting for someone to free space"),
            Some(Severity::Critical)
        );
        assert_eq!(doing("Waiting for source to send event"), None);
    }

    #[test]
    fn missed_heartbeats_are_told_and_a_quiet_source_is_not() {
        let silent = |silent_s| {
            let mut progress = channel(State::Running, State::Running, None);
            progress.channel.heartbeat_interval_s = Some(30.0);
            progress.channel.silent_s = Some(silent_s);
            told(progress).first().map(|finding| finding.id)
        };
        assert_eq!(silent(29.0), None);
        assert_eq!(silent(50.0), Some("source_silent"));
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
