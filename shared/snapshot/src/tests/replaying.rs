//! A replay's clock, its samples, and what it says of what it does not hold.

use std::path::Path;
use std::time::{Duration, Instant};

use storex_sources::{Blame, MySql, MySqlSource, Probe, SourceError, Value};

use super::fake::*;
use crate::{Read, Replay, SnapshotError};

/// Samples at 0, 10, 30 and 100 seconds; `TRX` counts them, `VARIABLES` is read once.
fn four_samples(dir: &Path) -> Replay {
    let reads = [Read::every_sample(&TRX), Read::once(&VARIABLES)];
    let mut fake = Fake::default();
    for (n, s) in [(1, 0), (2, 10), (3, 30), (4, 100)] {
        let answers = vec![
            (&reads[0], Ok(number(s, n))),
            (&reads[1], Ok(number(s, n * 100))),
        ];
        fake = fake.moment(s, answers);
    }
    record_all(&fake, &reads, 4, &dir.join("snapshot")).unwrap();
    Replay::open(&dir.join("snapshot")).unwrap()
}

fn read(reader: &dyn MySql, probe: &'static Probe) -> Result<u64, SourceError> {
    match block_on(reader.read(probe, &[]))?.rows.as_slice() {
        [row] if let [Value::UInt(number)] = row.as_slice() => Ok(*number),
        other => panic!("unexpected rows {other:?}"),
    }
}

fn pass(reader: &dyn MySql, s: u64) -> bool {
    block_on(reader.pass(Duration::from_secs(s))).unwrap()
}

#[test]
fn clock_stands_still_until_a_sample_passes() {
    let dir = tempfile::tempdir().unwrap();
    let reader = four_samples(dir.path()).open(limits());
    assert_eq!(reader.now(), at(0));
    std::thread::sleep(Duration::from_millis(5));
    read(&*reader, &TRX).unwrap();
    assert_eq!(reader.now(), at(0));
    assert!(pass(&*reader, 10));
    assert_eq!(reader.now(), at(10));
    assert_eq!(read(&*reader, &TRX).unwrap(), 2);
}

#[test]
fn pass_moves_to_the_later_sample_nearest_to_the_gap() {
    let dir = tempfile::tempdir().unwrap();
    let replay = four_samples(dir.path());
    let after = |gap| {
        let reader = replay.open(limits());
        assert!(pass(&*reader, gap));
        reader.now()
    };
    assert_eq!(after(0), at(10), "strictly later, however short the gap");
    assert_eq!(after(19), at(10));
    assert_eq!(after(20), at(10), "the earlier of two as near");
    assert_eq!(after(21), at(30));
    assert_eq!(after(66), at(100));
    assert_eq!(
        after(u64::MAX),
        at(100),
        "the last, where the gap is longer than the recording"
    );
}

#[test]
fn pass_after_the_last_sample_says_so_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let reader = four_samples(dir.path()).open(limits());
    assert!(pass(&*reader, 100));
    assert!(!pass(&*reader, 1));
    assert_eq!((reader.now(), read(&*reader, &TRX).unwrap()), (at(100), 4));
}

#[test]
fn concurrent_calls_do_not_move_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let replay = four_samples(dir.path());
    let (one, other) = (replay.open(limits()), replay.open(limits()));
    assert!(pass(&*one, 30));
    assert_eq!(
        (read(&*one, &TRX).unwrap(), read(&*other, &TRX).unwrap()),
        (3, 1)
    );
    assert_eq!(replay.open(limits()).now(), at(0));
}

#[test]
fn calls_start_at_the_sample_configured() {
    let dir = tempfile::tempdir().unwrap();
    let replay = four_samples(dir.path()).starting_at("003").unwrap();
    let reader = replay.open(limits());
    assert_eq!((reader.now(), read(&*reader, &TRX).unwrap()), (at(30), 3));
    let unknown = replay.starting_at("005");
    assert!(
        matches!(unknown, Err(SnapshotError::NoSample { .. })),
        "{unknown:?}"
    );
    let text = unknown.unwrap_err().to_string();
    assert_eq!(
        text,
        r#"snapshot has no sample "005"; it has 001, 002, 003, 004"#
    );
}

#[test]
fn what_was_read_once_holds_for_later_samples_with_the_time_it_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let reader = four_samples(dir.path()).open(limits());
    assert!(pass(&*reader, 30));
    assert_eq!(read(&*reader, &VARIABLES).unwrap(), 100);
    assert_eq!(
        block_on(reader.read(&VARIABLES, &[])).unwrap().read_at,
        at(0)
    );
}

#[test]
fn samples_are_in_the_order_of_their_times_whatever_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let sample = |id: &str, at: &str| format!(r#"{{"id": "{id}", "at": "{at}", "captures": 1}}"#);
    let samples = [
        sample("before", "2026-01-01T00:00:00Z"),
        sample("during", "2026-01-01T00:01:00Z"),
        sample("after", "2026-01-01T00:02:00Z"),
    ];
    let server = serde_json::to_string(&server()).unwrap();
    let manifest = format!(
        r#"{{"format": 1, "storex": "0", "recorded_at": "2026-01-01T00:00:00Z", "instance": {{}},
        "server": {server}, "redaction": null, "samples": [{}]}}"#,
        samples.join(", ")
    );
    std::fs::write(folder.join("snapshot.json"), manifest).unwrap();
    for (id, n) in [("before", 1), ("during", 2), ("after", 3)] {
        std::fs::create_dir_all(folder.join("state").join(id)).unwrap();
        let capture = format!(
            r#"{{"once": true, "read_at": "2026-01-01T00:00:00Z", "took_us": 1, "truncated": false,
            "columns": ["n"], "rows": [[{n}]]}}"#
        );
        let probe = if id == "during" {
            "global_status"
        } else {
            "innodb_trx"
        };
        std::fs::write(folder.join(format!("state/{id}/{probe}.json")), capture).unwrap();
    }
    let replay = Replay::open(folder).unwrap();
    let at = |id| replay.clone().starting_at(id).unwrap().open(limits());
    assert_eq!(read(&*at("during"), &TRX).unwrap(), 1);
    assert_eq!(read(&*at("after"), &TRX).unwrap(), 3);
    assert_eq!(read(&*at("after"), &STATUS).unwrap(), 2);
    assert!(read(&*at("before"), &STATUS).is_err(), "not yet read then");
}

#[test]
fn what_was_read_in_another_sample_only_is_not_captured() {
    let dir = tempfile::tempdir().unwrap();
    four_samples(dir.path());
    let folder = dir.path().join("snapshot");
    std::fs::remove_file(folder.join("state/002/innodb_trx.json")).unwrap();
    let manifest = std::fs::read_to_string(folder.join("snapshot.json")).unwrap();
    // Sample 001 holds two captures, each later one a single.
    let manifest = manifest.replacen("\"captures\": 1", "\"captures\": 0", 1);
    std::fs::write(folder.join("snapshot.json"), manifest).unwrap();
    let reader = Replay::open(&folder).unwrap().open(limits());
    assert!(pass(&*reader, 10));
    let missing = read(&*reader, &TRX).unwrap_err();
    assert!(matches!(
        missing,
        SourceError::NotCaptured {
            probe: "innodb_trx"
        }
    ));
}

#[test]
fn what_is_not_in_the_snapshot_is_not_captured() {
    let dir = tempfile::tempdir().unwrap();
    let reader = four_samples(dir.path()).open(limits());
    let missing = read(&*reader, &STATUS).unwrap_err();
    assert!(matches!(
        missing,
        SourceError::NotCaptured {
            probe: "global_status"
        }
    ));
    let other_params = block_on(reader.read(&TRX, &[Value::UInt(1)])).unwrap_err();
    assert!(matches!(
        other_params,
        SourceError::NotCaptured {
            probe: "innodb_trx"
        }
    ));
}

#[test]
fn params_are_told_apart_by_value_and_type() {
    let with = |value| Read::every_sample(&INDEXES).with(vec![value]);
    let reads = [
        with("1".into()),
        with(Value::UInt(1)),
        with("A".into()),
        with("a".into()),
    ];
    let answers = reads
        .iter()
        .zip(1..)
        .map(|(read, n)| (read, Ok(number(0, n))))
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("snapshot");
    record_all(&Fake::default().moment(0, answers), &reads, 1, &path).unwrap();
    let reader = Replay::open(&path).unwrap().open(limits());
    for (read, n) in reads.iter().zip(1..) {
        let rows = block_on(reader.read(read.probe, &read.params)).unwrap();
        assert_eq!(rows.rows, [[Value::UInt(n)]]);
    }
}

#[test]
fn rows_beyond_the_probes_limit_are_cut_and_said_to_be() {
    let read = [Read::every_sample(&TRX)];
    let many = vec![[Value::UInt(1)].as_slice(); 101];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(rows(at(0), &["n"], &many)))]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("snapshot");
    record_all(&fake, &read, 1, &path).unwrap();
    let reader = Replay::open(&path).unwrap().open(limits());
    let cut = block_on(reader.read(&TRX, &[])).unwrap();
    assert_eq!((cut.rows.len(), cut.truncated), (100, true));
}

#[test]
fn stopped_and_late_calls_are_not_answered() {
    let dir = tempfile::tempdir().unwrap();
    let replay = four_samples(dir.path());
    let (stopped, mut late) = (limits(), limits());
    stopped.cancel.cancel();
    late.deadline = Instant::now();
    for limits in [stopped, late] {
        let reader = replay.open(limits);
        assert_eq!(read(&*reader, &TRX).unwrap_err().blame(), Blame::Call);
        let passed = block_on(reader.pass(Duration::from_secs(10)));
        assert_eq!(passed.unwrap_err().blame(), Blame::Call);
        assert_eq!(reader.now(), at(0));
    }
}

#[test]
fn server_and_kind_are_those_of_the_recording() {
    let dir = tempfile::tempdir().unwrap();
    let replay = four_samples(dir.path());
    assert_eq!(replay.kind(), "snapshot");
    assert_eq!(*block_on(replay.open(limits()).server()).unwrap(), server());
}

#[test]
fn a_statement_nobody_had_named_yet_has_no_plan() {
    let dir = tempfile::tempdir().unwrap();
    let reader = four_samples(dir.path()).open(limits());
    let grammar = storex_statement::Grammar::MySql;
    let statement = storex_sources::Explainable::allow("SELECT 1 FROM a.b", None, grammar).unwrap();
    let error = block_on(reader.explain(&statement)).unwrap_err();
    assert!(matches!(error, SourceError::NotCaptured { .. }), "{error}");
    assert_eq!(error.blame(), Blame::Probe);
}
