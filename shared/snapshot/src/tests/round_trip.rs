//! What was read is what is replayed, whatever it is.

use std::time::Duration;

use proptest::prelude::*;
use storex_sources::{MySqlSource, Rows, Value};

use super::fake::*;
use crate::{Ended, Read, Replay, describe};

fn value() -> impl Strategy<Value = Value> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![
        Just(Value::Null),
        any::<u64>().prop_map(Value::UInt),
        (i64::MIN..0).prop_map(Value::Int),
        (NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE).prop_map(Value::Float),
        any::<String>().prop_map(Value::Text),
    ]
}

/// Rows read `s` seconds into the recording.
fn any_rows(s: i64) -> impl Strategy<Value = Rows> {
    let columns = proptest::collection::vec(any::<String>(), 0..5);
    let shape = columns.prop_flat_map(|columns| {
        let row = proptest::collection::vec(value(), columns.len());
        (Just(columns), proptest::collection::vec(row, 0..6))
    });
    (
        shape,
        0..=u64::from(u32::MAX),
        any::<bool>(),
        0..=1_000_000_000_i64,
    )
        .prop_map(
            move |((columns, rows), took_us, truncated, before_ns)| Rows {
                columns,
                rows,
                read_at: at(s) - jiff::SignedDuration::from_nanos(before_ns),
                took: Duration::from_micros(took_us),
                truncated,
            },
        )
}

/// Per sample: the rows of a probe and those of another with parameters.
fn samples() -> impl Strategy<Value = Vec<(Rows, Rows)>> {
    (1..4_usize).prop_flat_map(|samples| {
        (0..samples)
            .map(|n| {
                let s = i64::try_from(n).unwrap() * 10;
                (any_rows(s), any_rows(s))
            })
            .collect::<Vec<_>>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn rows_come_back_as_they_were_read_from_a_folder_and_from_an_archive(
        samples in samples(),
        params in proptest::collection::vec(value(), 1..3),
    ) {
        let reads = [Read::every_sample(&TRX), Read::every_sample(&INDEXES).with(params.clone())];
        let mut fake = Fake::default();
        for (n, (trx, indexes)) in samples.iter().enumerate() {
            let s = i64::try_from(n).unwrap() * 10;
            let answers = vec![(&reads[0], Ok(trx.clone())), (&reads[1], Ok(indexes.clone()))];
            fake = fake.moment(s, answers);
        }
        let dir = tempfile::tempdir().unwrap();
        for name in ["snapshot", "snapshot.tar.zst"] {
            let path = dir.path().join(name);
            let summary = record_all(&fake, &reads, samples.len(), &path).unwrap();
            prop_assert_eq!(summary.ended, Ended::Complete);
            prop_assert_eq!(&summary.description, &describe(&path).unwrap());
            let replay = Replay::open(&path).unwrap();
            let reader = replay.open(limits());
            for (n, (trx, indexes)) in samples.iter().enumerate() {
                if n > 0 {
                    prop_assert!(block_on(reader.pass(Duration::from_secs(10))).unwrap());
                }
                prop_assert_eq!(&block_on(reader.read(&TRX, &[])).unwrap(), trx);
                prop_assert_eq!(&block_on(reader.read(&INDEXES, &params)).unwrap(), indexes);
            }
            prop_assert!(!block_on(reader.pass(Duration::from_secs(10))).unwrap());
        }
    }
}

#[test]
fn a_replay_can_be_recorded_again() {
    let read = [Read::every_sample(&TRX)];
    let mut fake = Fake::default();
    for (n, s) in [(1, 0), (2, 10), (3, 20)] {
        fake = fake.moment(s, vec![(&read[0], Ok(number(s, n)))]);
    }
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    record_all(&fake, &read, 3, &first).unwrap();
    let replay = Replay::open(&first).unwrap();
    block_on(crate::record(&replay, &recording(&read, 3), &second)).unwrap();
    for file in [
        "snapshot.json",
        "state/001/innodb_trx.json",
        "state/002/innodb_trx.json",
        "state/003/innodb_trx.json",
    ] {
        let text = |snapshot: &std::path::Path| std::fs::read_to_string(snapshot.join(file));
        assert_eq!(text(&first).unwrap(), text(&second).unwrap(), "{file}");
    }
}
