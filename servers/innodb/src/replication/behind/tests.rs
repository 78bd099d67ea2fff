use super::*;
use crate::replication::applying::Table;
use crate::replication::channel::{Channel, Lag, State};

/// A channel like that of the incident: one transaction, 45 s behind and growing.
fn behind_by_one() -> Progress {
    Progress {
        channel: Channel {
            source: "10.0.0.1:3306".into(),
            lag: Lag {
                seconds: Some(45.0),
                place: Place::Applier,
                by: "commit timestamps",
                at_least: false,
            },
            gap: Some(1),
            gap_bytes: Some(17_195_043),
            applying: vec![Applying {
                thread: Some(13),
                gtid: Some("152e7f46-e741-11f1-892c-02fc00000001:48".into()),
                age_s: 44.0,
                rows: Some(30_512),
                rows_per_s: Some(8_400.0),
                long: true,
                state: Some("Applying batch of row changes (update)".into()),
                tables: vec![Table {
                    schema: "shop".into(),
                    name: "price_history".into(),
                    has_key: Some(true),
                }],
                ..Applying::default()
            }],
            ..Channel::default()
        },
        lag_per_s: Some(1.0),
        applied_per_s: Some(0.0),
        ..Progress::default()
    }
}

fn told(progress: Progress) -> Vec<Finding> {
    let context = Context {
        instance: "replica",
        literals: false,
        workers: Some(4),
    };
    findings(&[progress], &context)
}

fn ids(progress: Progress) -> Vec<&'static str> {
    told(progress).iter().map(|finding| finding.id).collect()
}

#[test]
fn a_big_transaction_is_named_with_table_rows_and_rate() {
    let found = told(behind_by_one());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, "big_transaction_applying");
    for part in [
        "45 s behind 10.0.0.1:3306",
        "shop.price_history",
        "30512 rows",
        "8400/s",
    ] {
        assert!(found[0].statement.contains(part), "{}", found[0].statement);
    }
}

#[test]
fn a_table_without_a_key_is_told_beside_it() {
    let mut progress = behind_by_one();
    progress.channel.applying[0].tables[0].has_key = Some(false);
    assert_eq!(
        ids(progress),
        ["big_transaction_applying", "table_without_primary_key"]
    );
    let mut unknown = behind_by_one();
    unknown.channel.applying[0].tables[0].has_key = None;
    assert_eq!(ids(unknown), ["big_transaction_applying"]);
}

#[test]
fn those_that_wait_their_turn_are_not_the_cause() {
    let mut progress = behind_by_one();
    let mut waiting = progress.channel.applying[0].clone();
    waiting.age_s = 50.0;
    waiting.gtid = Some("152e7f46-e741-11f1-892c-02fc00000001:49".into());
    waiting.state = Some("Waiting for preceding transaction to commit".into());
    progress.channel.applying.insert(0, waiting);
    let found = told(progress);
    let evidence = format!("{:?}", found[0].evidence);
    assert!(evidence.contains(":48"), "{evidence}");
}

#[test]
fn little_lag_a_wanted_delay_and_a_stopped_channel_are_silent() {
    let mut little = behind_by_one();
    little.channel.lag.seconds = Some(2.0);
    assert!(ids(little).is_empty());
    let mut small = behind_by_one();
    small.channel.lag.seconds = Some(6.0);
    small.channel.applying.clear();
    assert!(
        ids(small).is_empty(),
        "nothing explains it, and it may pass"
    );
    let mut wanted = behind_by_one();
    wanted.channel.delay_s = 3_600;
    assert!(ids(wanted).is_empty());
    let mut stopped = behind_by_one();
    stopped.channel.applier.state = State::Stopped;
    assert!(ids(stopped).is_empty(), "another detector tells it");
}

#[test]
fn a_little_lag_is_told_as_information_once_a_long_transaction_explains_it() {
    let mut little = behind_by_one();
    little.channel.lag.seconds = Some(6.0);
    let found = told(little);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, "big_transaction_applying");
    assert_eq!(found[0].severity, Severity::Info);
}

#[test]
fn lag_beyond_a_wanted_delay_is_told() {
    let mut progress = behind_by_one();
    progress.channel.delay_s = 60;
    progress.channel.lag.seconds = Some(140.0);
    assert_eq!(ids(progress), ["big_transaction_applying"]);
}

#[test]
fn a_wait_for_a_lock_is_the_cause_whatever_the_lag() {
    let mut progress = behind_by_one();
    progress.channel.lag.seconds = Some(6.0);
    progress.channel.applying[0].age_s = 6.0;
    progress.channel.applying[0].waits_for = Some("GLOBAL".into());
    let found = told(progress);
    assert_eq!(found[0].id, "applier_blocked");
    assert_eq!(found[0].next[0].tool, "innodb_lock_waits");
}

#[test]
fn many_small_transactions_and_one_worker_are_told_from_lag_that_shrinks() {
    let mut many = behind_by_one();
    many.channel.applying.clear();
    many.channel.gap = Some(4_000);
    many.applied_per_s = Some(300.0);
    many.received_per_s = Some(500.0);
    let context = |workers| Context {
        instance: "replica",
        literals: false,
        workers: Some(workers),
    };
    let id = |progress: &Progress, workers| {
        findings(std::slice::from_ref(progress), &context(workers))[0].id
    };
    assert_eq!(id(&many, 1), "single_threaded_applier");
    assert_eq!(id(&many, 8), "replication_lag");
    many.lag_per_s = Some(-3.0);
    many.catch_up_s = Some(15.0);
    assert_eq!(id(&many, 1), "replication_lag");
    assert!(told(many)[0].statement.contains("catches up in about 15 s"));
}

#[test]
fn the_place_of_the_lag_decides_the_cause() {
    let at = |place| {
        let mut progress = behind_by_one();
        progress.channel.lag.place = place;
        progress.channel.applying.clear();
        ids(progress)
    };
    assert_eq!(at(Place::Receiver), ["receiver_behind"]);
    assert_eq!(at(Place::Upstream), ["lag_from_upstream"]);
    assert!(at(Place::Delay).is_empty());
}

#[test]
fn clocks_that_disagree_are_told_and_milliseconds_are_not() {
    let ahead = |seconds| {
        let mut progress = behind_by_one();
        progress.channel.lag.seconds = Some(0.0);
        progress.channel.clock_ahead_s = Some(seconds);
        ids(progress)
    };
    assert_eq!(ahead(3.0), ["clock_skew"]);
    assert!(ahead(0.02).is_empty());
}
