//! Recording: failures, deadlines, redaction, and what is left behind.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use storex_sources::{Blame, MySqlSource, SourceError, Value};

use super::fake::*;
use crate::files::Caps;
use crate::record::record_within;
use crate::{Ended, Progress, Read, Redaction, Replay, SnapshotError, describe, record};

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Every kind of failure a source has, of the probe `TRX`.
fn failures() -> Vec<SourceError> {
    let (probe, needs) = (TRX.name, TRX.needs);
    let detail = || "in short".to_owned();
    vec![
        SourceError::Unreachable { detail: detail() },
        SourceError::AccessRefused { detail: detail() },
        SourceError::Credentials { detail: detail() },
        SourceError::Tls { detail: detail() },
        SourceError::TooManyConnections,
        SourceError::Busy { limit: 3 },
        SourceError::CircuitOpen {
            retry_in: Duration::from_secs(7),
            last: detail(),
        },
        SourceError::Denied {
            probe,
            grants: needs.grants,
        },
        SourceError::Unsupported {
            probe,
            server: "MariaDB 10.6.1".into(),
            remedy: needs.remedy,
        },
        SourceError::Disabled {
            probe,
            remedy: needs.remedy,
        },
        SourceError::NotCaptured { probe },
        SourceError::TimedOut {
            probe,
            after: Duration::from_millis(1250),
        },
        SourceError::Query {
            probe,
            code: 1146,
            message: "near 'secret'".into(),
        },
        SourceError::Decode {
            probe,
            detail: "secret".into(),
        },
    ]
}

#[test]
fn every_failure_is_replayed_as_the_caller_saw_it() {
    let read = [Read::every_sample(&TRX)];
    let dir = tempfile::tempdir().unwrap();
    for (n, failure) in failures().into_iter().enumerate() {
        let path = dir.path().join(n.to_string());
        let fake = Fake::default().moment(0, vec![(&read[0], Err(failure.clone()))]);
        record_all(&fake, &read, 1, &path).unwrap();
        let reader = Replay::open(&path).unwrap().open(limits());
        let replayed = block_on(reader.read(&TRX, &[])).unwrap_err();
        assert_eq!(
            std::mem::discriminant(&replayed),
            std::mem::discriminant(&failure),
            "{failure:?}"
        );
        assert_eq!(replayed.to_string(), failure.to_string());
        assert_eq!(replayed.remedy(), failure.remedy());
        assert_eq!(replayed.blame(), failure.blame());
        let stored = std::fs::read_to_string(path.join("state/001/innodb_trx.json")).unwrap();
        assert!(
            !stored.contains("secret"),
            "the server's words are for the log only: {stored}"
        );
        let said = describe(&path).unwrap().samples[0].failed[0].kind;
        assert!(
            stored.contains(&format!("\"kind\":\"{said}\"")),
            "{stored} and {said}"
        );
    }
}

#[test]
fn a_failing_probe_stops_neither_the_others_nor_the_next_sample() {
    let reads = [Read::every_sample(&TRX), Read::every_sample(&STATUS)];
    let denied = || SourceError::Denied {
        probe: TRX.name,
        grants: &[],
    };
    let fake = Fake::default()
        .moment(
            0,
            vec![(&reads[0], Err(denied())), (&reads[1], Ok(number(0, 1)))],
        )
        .moment(
            10,
            vec![
                (&reads[0], Ok(number(10, 2))),
                (&reads[1], Ok(number(10, 3))),
            ],
        );
    let dir = tempfile::tempdir().unwrap();
    let summary = record_all(&fake, &reads, 2, &dir.path().join("s")).unwrap();
    let samples = summary.description.samples;
    assert_eq!((samples[0].answered, samples[0].failed.len()), (1, 1));
    assert_eq!((samples[1].answered, samples[1].failed.len()), (2, 0));
}

#[test]
fn what_is_read_once_is_tried_again_until_it_answers() {
    let reads = [Read::once(&VARIABLES), Read::every_sample(&TRX)];
    let late = SourceError::TimedOut {
        probe: VARIABLES.name,
        after: Duration::from_secs(1),
    };
    let answers = [Err(late), Ok(number(10, 7)), Ok(number(20, 8))];
    let mut fake = Fake::default();
    for (answer, s) in answers.into_iter().zip([0, 10, 20]) {
        fake = fake.moment(s, vec![(&reads[0], answer), (&reads[1], Ok(number(s, 1)))]);
    }
    let dir = tempfile::tempdir().unwrap();
    record_all(&fake, &reads, 3, &dir.path().join("s")).unwrap();
    let asked = fake.asked.lock().unwrap();
    assert_eq!(
        asked
            .iter()
            .filter(|(_, probe)| *probe == VARIABLES.name)
            .count(),
        2
    );
    let replay = Replay::open(&dir.path().join("s")).unwrap();
    let in_sample = |id: &str| {
        let reader = replay.clone().starting_at(id).unwrap().open(limits());
        block_on(reader.read(&VARIABLES, &[]))
    };
    assert!(matches!(
        in_sample("001"),
        Err(SourceError::TimedOut { .. })
    ));
    assert_eq!(in_sample("002").unwrap(), number(10, 7));
    assert_eq!(in_sample("003").unwrap(), number(10, 7));
}

#[test]
fn a_read_that_hangs_is_stopped_at_the_samples_deadline_and_the_rest_left_out() {
    let reads = [
        Read::every_sample(&STATUS),
        Read::every_sample(&TRX),
        Read::once(&VARIABLES),
    ];
    let ok = |s| reads.iter().map(|read| (read, Ok(number(s, 1)))).collect();
    let fake = Fake::hanging(TRX.name).moment(0, ok(0));
    let mut recording = recording(&reads, 1);
    recording.plan.per_sample_deadline = Duration::from_millis(50);
    let dir = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let summary = block_on(record(&fake, &recording, &dir.path().join("s"))).unwrap();
    assert!(
        begun.elapsed() < Duration::from_millis(1500),
        "it was told to stop, not waited for"
    );
    let sample = &summary.description.samples[0];
    let failed: Vec<_> = sample
        .failed
        .iter()
        .map(|f| (f.probe.as_str(), f.kind))
        .collect();
    assert_eq!(
        failed,
        [
            ("global_variables", "not_captured"),
            ("innodb_trx", "timed_out")
        ]
    );
    assert_eq!(sample.answered, 1);
}

#[test]
fn the_sample_after_one_with_a_read_that_hung_is_whole() {
    let reads = [Read::every_sample(&TRX), Read::every_sample(&STATUS)];
    let answers = reads.iter().map(|read| (read, Ok(number(0, 1)))).collect();
    let fake = Fake::hanging(TRX.name).live(answers);
    let mut recording = recording(&reads, 2);
    recording.plan.per_sample_deadline = Duration::from_millis(50);
    let dir = tempfile::tempdir().unwrap();
    let summary = block_on(record(&fake, &recording, &dir.path().join("s"))).unwrap();
    let answered: Vec<_> = summary
        .description
        .samples
        .iter()
        .map(|s| s.answered)
        .collect();
    assert_eq!(answered, [0, 2]);
    let asked = fake.asked.lock().unwrap();
    let after_it = asked.last().unwrap();
    assert_eq!(
        *after_it,
        (2, STATUS.name),
        "a stopped reader is not used again"
    );
}

#[test]
fn rows_that_do_not_fit_their_columns_are_a_failure_of_the_probe() {
    let read = [Read::every_sample(&TRX)];
    let uneven = rows(at(0), &["a", "b"], &[&[Value::UInt(1)]]);
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(uneven))]);
    let dir = tempfile::tempdir().unwrap();
    let summary = record_all(&fake, &read, 1, &dir.path().join("s")).unwrap();
    assert_eq!(summary.description.samples[0].failed[0].kind, "decode");
}

#[test]
fn a_probe_whose_name_is_a_path_is_not_recorded() {
    static PATH: storex_sources::Probe = probe("../innodb_trx");
    let read = [Read::every_sample(&PATH)];
    let dir = tempfile::tempdir().unwrap();
    let refused = record_all(&Fake::default(), &read, 1, &dir.path().join("s"));
    assert!(
        matches!(refused, Err(SnapshotError::Plan { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_stopped_read_is_not_replayed_as_a_stopped_call() {
    let read = [Read::every_sample(&TRX)];
    let stopped = SourceError::Cancelled { probe: TRX.name };
    let fake = Fake::default().moment(0, vec![(&read[0], Err(stopped))]);
    let dir = tempfile::tempdir().unwrap();
    record_all(&fake, &read, 1, &dir.path().join("s")).unwrap();
    let reader = Replay::open(&dir.path().join("s")).unwrap().open(limits());
    let replayed = block_on(reader.read(&TRX, &[])).unwrap_err();
    assert!(matches!(replayed, SourceError::NotCaptured { .. }));
    assert_eq!(replayed.blame(), Blame::Probe);
}

#[test]
fn secrets_are_replaced_before_anything_touches_the_disk() {
    let read = [Read::every_sample(&TRX)];
    let columns = ["trx_id", "trx_query"];
    let row = [Value::UInt(1), "UPDATE t SET a = 'hunter2'".into()];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(rows(at(0), &columns, &[&row])))]);
    let mut recording = recording(&read, 1);
    let seen = Mutex::new(Vec::new());
    let apply = |probe: &storex_sources::Probe, column: &str, value: Value| {
        seen.lock().unwrap().push((probe.name, column.to_owned()));
        if column == "trx_query" {
            "UPDATE t SET a = ?".into()
        } else {
            value
        }
    };
    recording.redaction = Redaction {
        name: Some("literals".into()),
        apply: &apply,
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    block_on(record(&fake, &recording, &path)).unwrap();
    let stored = std::fs::read_to_string(path.join("state/001/innodb_trx.json")).unwrap();
    assert!(stored.contains("[1,\"UPDATE t SET a = ?\"]"), "{stored}");
    assert!(!stored.contains("hunter2"), "{stored}");
    let asked = [
        (TRX.name, "trx_id".to_owned()),
        (TRX.name, "trx_query".to_owned()),
    ];
    assert_eq!(*seen.lock().unwrap(), asked);
    let manifest = Replay::open(&path).unwrap().manifest().clone();
    assert_eq!(manifest.redaction.as_deref(), Some("literals"));
}

#[test]
fn progress_is_told_after_every_read() {
    let reads = [Read::every_sample(&TRX), Read::every_sample(&STATUS)];
    let denied = SourceError::Denied {
        probe: STATUS.name,
        grants: &[],
    };
    let fake = Fake::default().moment(
        0,
        vec![(&reads[0], Ok(number(0, 1))), (&reads[1], Err(denied))],
    );
    let told = Mutex::new(Vec::new());
    let progress = |progress: &Progress| told.lock().unwrap().push(progress.clone());
    let mut recording = recording(&reads, 1);
    recording.progress = &progress;
    let dir = tempfile::tempdir().unwrap();
    block_on(record(&fake, &recording, &dir.path().join("s"))).unwrap();
    let of = |probe, outcome| Progress {
        sample: 1,
        samples: 1,
        probe,
        outcome,
    };
    assert_eq!(
        *told.lock().unwrap(),
        [of(TRX.name, Ok(1)), of(STATUS.name, Err("denied"))]
    );
}

#[test]
fn no_row_of_a_sample_is_from_its_future() {
    let read = [Read::every_sample(&TRX)];
    // The source's clock stands still while the second of its samples is read.
    let fake = Fake::default()
        .moment(0, vec![(&read[0], Ok(number(4, 1)))])
        .moment(0, vec![(&read[0], Ok(number(4, 2)))]);
    let dir = tempfile::tempdir().unwrap();
    let summary = record_all(&fake, &read, 2, &dir.path().join("s")).unwrap();
    let samples = summary.description.manifest.samples;
    assert_eq!(samples[0].at, at(4));
    assert!(
        samples[1].at > samples[0].at,
        "each sample is later than the one before"
    );
}

#[test]
fn nothing_is_overwritten_and_nothing_left_behind() {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    for name in ["s", "s.tar.zst"] {
        let path = dir.path().join(name);
        record_all(&fake, &read, 1, &path).unwrap();
        fake.asked.lock().unwrap().clear();
        let again = record_all(&fake, &read, 1, &path);
        assert_eq!(
            fake.asked.lock().unwrap().len(),
            0,
            "refused before the server is asked"
        );
        assert!(
            matches!(again, Err(SnapshotError::Exists { .. })),
            "{again:?}"
        );
        assert_eq!(describe(&path).unwrap().samples.len(), 1);
    }
    let mut names = names(dir.path());
    names.sort();
    assert_eq!(names, ["s", "s.tar.zst"]);
}

#[test]
fn what_appears_at_the_place_meanwhile_is_not_overwritten() {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    for name in ["s", "s.tar.zst"] {
        let path = dir.path().join(name);
        let progress = |_: &Progress| std::fs::write(&path, "mine").unwrap();
        let mut recording = recording(&read, 1);
        recording.progress = &progress;
        let refused = block_on(record(&fake, &recording, &path));
        assert!(
            matches!(refused, Err(SnapshotError::Exists { .. })),
            "{refused:?}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
    assert_eq!(names(dir.path()).len(), 2);
}

#[test]
fn cancelled_and_dropped_recordings_leave_nothing() {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::hanging(TRX.name).moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let recording = recording(&read, 1);
    let draft = block_on(async {
        let wait = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            names(dir.path())
        };
        tokio::select! {
            _ = record(&fake, &recording, &path) => panic!("it hangs"),
            names = wait => names,
        }
    });
    assert_eq!(draft.len(), 1, "one draft while it runs");
    assert_eq!(names(dir.path()), [""; 0]);
    recording.cancel.cancel();
    let given_up = block_on(record(&fake, &recording, &path));
    assert!(
        matches!(given_up, Err(SnapshotError::Cancelled)),
        "{given_up:?}"
    );
    assert_eq!(names(dir.path()), [""; 0]);
}

#[test]
fn a_recording_that_grows_too_large_keeps_the_samples_before() {
    let read = [Read::every_sample(&TRX)];
    let text: Value = "x".repeat(40_000).as_str().into();
    let large = |s| Ok(rows(at(s), &["t"], &[std::slice::from_ref(&text)]));
    let fake = Fake::default()
        .moment(0, vec![(&read[0], large(0))])
        .moment(10, vec![(&read[0], large(10))]);
    let dir = tempfile::tempdir().unwrap();
    let recording = recording(&read, 2);
    let caps = |kib: u64| Caps {
        total_bytes: (1024 + kib) << 10,
        ..Caps::STANDARD
    };
    let some = block_on(record_within(
        &fake,
        &recording,
        &dir.path().join("s"),
        caps(60),
    ));
    let some = some.unwrap();
    assert_eq!(
        (some.ended, some.description.samples.len()),
        (Ended::Full, 1)
    );
    let none = block_on(record_within(
        &fake,
        &recording,
        &dir.path().join("t"),
        caps(20),
    ));
    assert!(
        matches!(none, Err(SnapshotError::TooLarge { .. })),
        "{none:?}"
    );
    let one_file = Caps {
        file_bytes: 30_000,
        ..Caps::STANDARD
    };
    let cut = block_on(record_within(
        &fake,
        &recording,
        &dir.path().join("u"),
        one_file,
    ))
    .unwrap();
    assert_eq!(cut.description.samples[0].failed[0].kind, "not_captured");
}

#[test]
fn a_source_with_fewer_samples_ends_the_recording() {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    let summary = record_all(&fake, &read, 5, &dir.path().join("s")).unwrap();
    assert_eq!(
        (summary.ended, summary.description.samples.len()),
        (Ended::NoFurtherSample, 1)
    );
}

#[test]
fn an_empty_recording_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let fake = Fake::default();
    let nothing = block_on(record(&fake, &recording(&[], 1), &path));
    assert!(
        matches!(nothing, Err(SnapshotError::Plan { .. })),
        "{nothing:?}"
    );
    let read = [Read::every_sample(&TRX)];
    let never = block_on(record(&fake, &recording(&read, 0), &path));
    assert!(
        matches!(never, Err(SnapshotError::Plan { .. })),
        "{never:?}"
    );
}

#[test]
fn one_read_named_twice_is_taken_once() {
    let reads = [Read::every_sample(&TRX), Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&reads[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    record_all(&fake, &reads, 1, &dir.path().join("s")).unwrap();
    assert_eq!(*fake.asked.lock().unwrap(), [(0, TRX.name)]);
}

#[cfg(unix)]
#[test]
fn a_recording_can_be_read_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    for name in ["s", "s.tar.zst"] {
        let path = dir.path().join(name);
        record_all(&fake, &read, 1, &path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
}

#[test]
fn a_recording_may_run_on_any_thread() {
    fn is_send(_: impl Send) {}
    let read = [Read::every_sample(&TRX)];
    let (fake, recording) = (Fake::default(), recording(&read, 1));
    is_send(record(&fake, &recording, Path::new("never")));
}

#[test]
fn no_reader_is_kept_over_the_pause_between_two_live_samples() {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().live(vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    record_all(&fake, &read, 3, &dir.path().join("s")).unwrap();
    let asked = fake.asked.lock().unwrap();
    assert_eq!(*asked, [(0, TRX.name), (1, TRX.name), (2, TRX.name)]);
}
