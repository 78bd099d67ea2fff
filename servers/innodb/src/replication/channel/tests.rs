use super::*;
use crate::replication::rows::{ChannelRow, GtidRow, ThreadRow};
use crate::sessions::TrxRow;

/// Rows of a fixture, as a sample.
fn fixture(text: &str) -> Sample {
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Fixture {
        status: Vec<StatusRow>,
        channels: Vec<ChannelRow>,
        workers: Vec<WorkerRow>,
        executed: Option<String>,
    }
    let fixture: Fixture = serde_json::from_str(text).unwrap();
    Sample {
        status: fixture.status,
        channels: fixture.channels,
        workers: fixture.workers,
        gtids: GtidRow {
            executed: fixture.executed,
            ..GtidRow::default()
        },
        ..Sample::default()
    }
}

macro_rules! fixture {
    ($name:literal) => {
        fixture(include_str!(concat!(
            "../../../fixtures/replication/",
            $name
        )))
    };
}

#[test]
fn the_captured_incident_is_one_transaction_and_the_rest_waits_its_turn() {
    let channel = only(&fixture!("mysql97_repl_lag.during.json"));
    assert_eq!(channel.lag.place, Place::Applier);
    let lag = channel.lag.seconds.unwrap();
    assert!(
        (9.0..11.0).contains(&lag),
        "{lag}, where Seconds_Behind says 17"
    );
    assert_eq!(
        (channel.gap, channel.gap_bytes),
        (Some(120), Some(277_983_839))
    );
    let first = &channel.applying[0];
    assert!(first.gtid.as_deref().unwrap().ends_with(":347") && !first.waits_its_turn());
    assert_eq!(
        channel
            .applying
            .iter()
            .filter(|applying| applying.waits_its_turn())
            .count(),
        3
    );
}

#[test]
fn captured_healthy_channels_are_not_behind() {
    for sample in [
        fixture!("mysql97_repl_lag.after.json"),
        fixture!("mariadb1011_repl_lag.before.json"),
        fixture!("mysql8020_show_slave_status.documented.json"),
    ] {
        let channel = only(&sample);
        assert_eq!(
            (channel.receiver.state, channel.applier.state),
            (State::Running, State::Running)
        );
        assert_eq!(channel.lag.seconds, Some(0.0), "{channel:?}");
        assert!(channel.source.starts_with("127.0.0.1:"), "{channel:?}");
        assert_eq!(channel.applying, []);
    }
}

#[test]
fn newer_mariadb_tells_lag_between_its_threads() {
    let channel = only(&fixture!(
        "mariadb118_show_all_slaves_status.documented.json"
    ));
    assert_eq!(
        channel.lag.seconds,
        Some(32.0),
        "Seconds_Behind_Master swung to 0"
    );
    assert_eq!((channel.gap, channel.lag.place), (Some(50), Place::Applier));
}

const SOURCE: &str = "152e7f46-e741-11f1-892c-02fc00000001";

/// `SHOW ALL SLAVES STATUS` of MariaDB 10.11 as captured: the applier stopped at a duplicate key.
fn mariadb_stopped() -> StatusRow {
    StatusRow {
        channel_name: Some(String::new()),
        source_host: Some("127.0.0.1".into()),
        source_port: Some(35_507),
        replica_io_running: Some("Yes".into()),
        replica_sql_running: Some("No".into()),
        replica_io_state: Some("Waiting for master to send event".into()),
        source_log_file: Some("binlog.000001".into()),
        relay_source_log_file: Some("binlog.000001".into()),
        read_source_log_pos: Some(3_417_603),
        exec_source_log_pos: Some(3_417_071),
        last_sql_errno: Some(1062),
        last_sql_error: Some("Could not execute Write_rows_v1 event on table shop.archive".into()),
        sql_delay: Some(0),
        gtid_io_pos: Some("0-1-46".into()),
        ..StatusRow::default()
    }
}

fn only(sample: &Sample) -> Channel {
    let mut channels = channels(sample);
    assert_eq!(channels.len(), 1);
    channels.remove(0)
}

#[test]
fn mariadbs_stopped_applier_and_its_gap_are_read() {
    let sample = Sample {
        status: vec![mariadb_stopped()],
        gtids: GtidRow {
            executed: Some("0-1-44".into()),
            written: Some("0-2-45".into()),
            own: Some("2".into()),
        },
        ..Sample::default()
    };
    let channel = only(&sample);
    assert_eq!(channel.source, "127.0.0.1:35507");
    assert_eq!(
        (channel.receiver.state, channel.applier.state),
        (State::Running, State::Stopped)
    );
    assert_eq!((channel.gap, channel.gap_bytes), (Some(2), Some(532)));
    assert_eq!(channel.lag.seconds, None, "NULL is unknown, not 0");
    assert_eq!(channel.applier.failure.unwrap().number, 1062);
    assert_eq!(sample.written_here(), Some((1, "0-2-45".into())));
}

#[test]
fn mariadbs_lag_is_never_less_than_the_age_of_what_it_applies() {
    let sample = Sample {
        status: vec![StatusRow {
            replica_sql_running: Some("Yes".into()),
            seconds_behind_source: Some(0),
            ..mariadb_stopped()
        }],
        threads: vec![ThreadRow {
            id: 8,
            command: Some("Slave_SQL".into()),
            state: Some("Update_rows_log_event::find_row()".into()),
            ..ThreadRow::default()
        }],
        transactions: vec![TrxRow {
            id: 8,
            trx_id: "77".into(),
            age_s: Some(21),
            rows_modified: 6_396,
            ..TrxRow::default()
        }],
        ..Sample::default()
    };
    let channel = only(&sample);
    assert_eq!(
        (channel.lag.seconds, channel.lag.at_least),
        (Some(21.0), true)
    );
    assert_eq!(channel.lag.place, Place::Applier);
    assert_eq!(channel.applying[0].rows, Some(6_396));
}

/// MySQL 9.7 as captured while it applied a transaction of 262,144 rows: by the statement's start it
/// is 16 s behind, by its commit one.
fn mysql_applying() -> Sample {
    Sample {
        status: vec![StatusRow {
            source_host: Some("127.0.0.1".into()),
            source_port: Some(33_387),
            replica_io_running: Some("Yes".into()),
            replica_sql_running: Some("Yes".into()),
            seconds_behind_source: Some(16),
            source_log_file: Some("binlog.000001".into()),
            relay_source_log_file: Some("binlog.000001".into()),
            read_source_log_pos: Some(23_665_730),
            exec_source_log_pos: Some(6_470_687),
            ..StatusRow::default()
        }],
        channels: vec![ChannelRow {
            host: Some("127.0.0.1".into()),
            port: Some(33_387),
            receiver: Some("ON".into()),
            applier: Some("ON".into()),
            received: Some(format!("{SOURCE}:1-48")),
            queued_original_age_s: Some(1.005),
            queued_age_s: Some(0.98),
            upstream_late_s: Some(0.0),
            delay_s: Some(0),
            ..ChannelRow::default()
        }],
        workers: vec![WorkerRow {
            worker_id: 1,
            id: Some(13),
            service_state: Some("ON".into()),
            applying: Some(format!("{SOURCE}:48")),
            applying_original_age_s: Some(1.005),
            applying_age_s: Some(0.98),
            ..WorkerRow::default()
        }],
        transactions: vec![TrxRow {
            id: 13,
            rows_modified: 12_839,
            ..TrxRow::default()
        }],
        gtids: GtidRow {
            executed: Some(format!("{SOURCE}:1-47")),
            own: Some("65a193b9-e710-11f1-b603-02fc00000001".into()),
            written: None,
        },
        ..Sample::default()
    }
}

#[test]
fn mysqls_lag_is_told_by_commit_times() {
    let channel = only(&mysql_applying());
    assert_eq!(channel.lag.seconds, Some(1.005));
    assert_eq!(
        (channel.lag.by, channel.lag.place),
        (BY_COMMIT_TIMES, Place::Applier)
    );
    assert_eq!(
        (channel.gap, channel.gap_bytes),
        (Some(1), Some(17_195_043))
    );
    assert_eq!(channel.applying[0].rows, Some(12_839));
    assert_eq!(channel.clock_ahead_s, None);
}

#[test]
fn nothing_to_apply_is_no_lag_and_a_late_arrival_is_the_receivers() {
    let mut sample = mysql_applying();
    sample.workers[0].applying = Some(String::new());
    sample.workers[0].applying_original_age_s = None;
    sample.gtids.executed = Some(format!("{SOURCE}:1-48"));
    let lag = only(&sample).lag;
    assert_eq!((lag.seconds, lag.place), (Some(0.0), Place::Nowhere));
    sample.channels[0].queueing_original_age_s = Some(40.0);
    sample.channels[0].queueing_immediate_age_s = Some(39.0);
    let lag = only(&sample).lag;
    assert_eq!((lag.seconds, lag.place), (Some(40.0), Place::Receiver));
    // Its source had it late as well.
    sample.channels[0].queueing_immediate_age_s = Some(0.1);
    assert_eq!(only(&sample).lag.place, Place::Upstream);
}

#[test]
fn a_wanted_delay_is_told_from_lag() {
    let mut sample = mysql_applying();
    sample.channels[0].delay_s = Some(3_600);
    assert_eq!(only(&sample).lag.place, Place::Delay);
}

#[test]
fn a_commit_time_in_the_future_is_the_clocks_doing() {
    let mut sample = mysql_applying();
    sample.workers[0].applying_original_age_s = Some(-7.5);
    let channel = only(&sample);
    assert_eq!(channel.clock_ahead_s, Some(7.5));
    assert_eq!(channel.lag.seconds.map(|lag| lag >= 0.0), Some(true));
}

#[test]
fn without_the_performance_schema_the_status_serves() {
    let mut sample = mysql_applying();
    sample.channels.clear();
    sample.workers.clear();
    let lag = only(&sample).lag;
    assert_eq!((lag.seconds, lag.by), (Some(16.0), BY_STATUS));
}

#[test]
fn the_recovery_channel_of_a_group_is_none_while_nothing_joins() {
    let row = |name: &str, receiver: &str| ChannelRow {
        channel_name: name.into(),
        receiver: Some(receiver.into()),
        applier: Some("ON".into()),
        ..ChannelRow::default()
    };
    let sample = Sample {
        channels: vec![
            row("group_replication_applier", "ON"),
            row("group_replication_recovery", "OFF"),
        ],
        ..Sample::default()
    };
    let channel = only(&sample);
    assert_eq!(channel.source, "its group");
}
