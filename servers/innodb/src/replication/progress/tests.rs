use super::*;
use crate::replication::rows::{GtidRow, StatusRow};

fn sample(lag_s: i64, received: u64, applied: u64) -> Sample {
    Sample {
        status: vec![StatusRow {
            replica_io_running: Some("Yes".into()),
            replica_sql_running: Some("Yes".into()),
            seconds_behind_source: Some(lag_s),
            gtid_io_pos: Some(format!("0-1-{received}")),
            ..StatusRow::default()
        }],
        gtids: GtidRow {
            executed: Some(format!("0-1-{applied}")),
            ..GtidRow::default()
        },
        ..Sample::default()
    }
}

fn compared(before: &Sample, after: &Sample) -> Progress {
    progress(before, after, Some(2.0)).remove(0)
}

#[test]
fn shrinking_lag_is_caught_up_at_the_rate_seen() {
    let progress = compared(&sample(100, 5_000, 1_000), &sample(90, 5_100, 1_500));
    assert_eq!(progress.lag_per_s, Some(-5.0));
    assert_eq!(progress.catch_up_s, Some(18.0));
    assert_eq!(progress.applied_per_s, Some(250.0));
    assert_eq!(progress.received_per_s, Some(50.0));
    assert!(!progress.is_growing());
}

#[test]
fn growing_lag_has_no_end() {
    let progress = compared(&sample(10, 5_000, 1_000), &sample(12, 6_000, 1_010));
    assert!(progress.is_growing());
    assert_eq!(progress.catch_up_s, None);
}

#[test]
fn one_sample_gives_no_figures() {
    let one = sample(10, 5, 1);
    let progress = progress(&one, &one, None).remove(0);
    assert_eq!((progress.lag_per_s, progress.applied_per_s), (None, None));
    assert_eq!(progress.channel.gap, Some(4));
}
