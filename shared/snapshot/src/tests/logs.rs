//! Logs are kept when that is asked for, and replayed as they were written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_sources::{
    Compression, Covered, Limits, LogChunk, LogError, LogFile, LogKind, LogListing, LogName,
    LogRange, LogStream, Logs, LogsSource, StreamState, Window, WindowRead,
};

use super::fake::*;
use crate::{LogsPlan, Read, Replay, describe, record};

/// Slow logs in memory, handed out in small chunks; there is no error log.
#[derive(Clone)]
struct InMemory(Vec<Vec<u8>>);

impl LogsSource for InMemory {
    fn open(&self, _: Limits) -> Box<dyn Logs> {
        Box::new(self.clone())
    }

    fn kind(&self) -> &'static str {
        "memory"
    }
}

#[async_trait]
impl Logs for InMemory {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        if kind == LogKind::Error {
            return Err(LogError::NotFound { kind });
        }
        let files = self.0.iter().enumerate().map(|(place, bytes)| LogFile {
            name: LogName::new(&format!("slow.log.{place}")).unwrap(),
            id: place.to_string(),
            kind,
            size_bytes: Some(bytes.len() as u64),
            compression: Compression::None,
            covered: Covered::default(),
            modified_at: None,
        });
        Ok(LogListing {
            files: files.collect(),
            ..LogListing::default()
        })
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        let bytes = self.0[file.id.parse::<usize>().unwrap()].clone();
        Ok(Box::new(Chunks {
            bytes: bytes.into(),
            at: usize::try_from(range.from).unwrap(),
        }))
    }

    fn now(&self) -> Timestamp {
        at(30)
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    async fn pause(&self, _: Duration) -> Result<(), LogError> {
        Ok(())
    }
}

struct Chunks {
    bytes: Bytes,
    at: usize,
}

#[async_trait]
impl LogStream for Chunks {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        let from = self.at;
        self.at = (from + 700_000).min(self.bytes.len());
        Ok((from < self.at).then(|| LogChunk {
            bytes: self.bytes.slice(from..self.at),
            offset: from as u64,
            joined: from > 0,
        }))
    }

    fn state(&self) -> StreamState {
        StreamState::default()
    }
}

fn entry(s: i64) -> String {
    format!(
        "# Time: {:.6}\n# User@Host: app[app] @ h []\n# Query_time: 1\nSELECT 'secret';\n",
        at(s)
    )
}

/// A snapshot of one read, with logs where there are some.
fn recorded(path: &Path, logs: Option<&InMemory>) {
    let reads = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&reads[0], Ok(number(0, 1)))]);
    let mut recording = recording(&reads, 1);
    recording.logs = logs.map(|source| LogsPlan {
        source,
        back: Duration::from_secs(600),
        bytes_each: 32 << 20,
        deadline: Duration::from_secs(60),
    });
    block_on(record(&fake, &recording, path)).unwrap();
}

fn replayed(path: &Path, kind: LogKind, budget: u64) -> Result<Vec<Vec<u8>>, LogError> {
    let logs = Replay::open(path).unwrap().logs().open(limits());
    let window = Window {
        from: at(-600),
        to: at(30),
    };
    block_on(async {
        let mut read = WindowRead::open(logs.as_ref(), kind, Some(window), budget).await?;
        let mut parts: Vec<Vec<u8>> = Vec::new();
        while let Some(chunk) = read.next().await? {
            if !chunk.joined {
                parts.push(Vec::new());
            }
            parts.last_mut().unwrap().extend_from_slice(&chunk.bytes);
        }
        Ok(parts)
    })
}

fn places() -> (tempfile::TempDir, [PathBuf; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let places = ["s", "s.tar.zst"].map(|name| dir.path().join(name));
    (dir, places)
}

#[test]
fn logs_come_back_byte_for_byte_with_their_times_and_zone() {
    // More than one piece, and bytes that are no text.
    let long = [entry(1).repeat(90_000).into_bytes(), vec![0xff, 0x00]].concat();
    let logs = InMemory(vec![long, entry(2).into_bytes()]);
    let (_dir, places) = places();
    for path in places {
        recorded(&path, Some(&logs));
        assert_eq!(replayed(&path, LogKind::Slow, u64::MAX).unwrap(), logs.0);
        assert_eq!(
            replayed(&path, LogKind::Slow, 1000).unwrap()[0],
            logs.0[0][..1000]
        );
        let source = Replay::open(&path).unwrap().logs();
        let reader = source.open(limits());
        assert_eq!(reader.now(), at(0), "the clock stands at the sample");
        assert_eq!(reader.time_zone().iana_name(), Some("Europe/Berlin"));
        let files = block_on(reader.list(LogKind::Slow)).unwrap().files;
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["slow.log.0", "slow.log.1"]);
        assert_eq!(
            (files[1].covered.first, files[1].covered.last),
            (Some(at(2)), Some(at(2)))
        );
    }
}

#[test]
fn a_log_that_could_not_be_read_is_said_to_be_missing() {
    let (_dir, [path, _]) = places();
    recorded(&path, Some(&InMemory(vec![])));
    let error = replayed(&path, LogKind::Error, 1000).unwrap_err();
    assert!(matches!(error, LogError::NotCaptured { .. }), "{error}");
    let empty = replayed(&path, LogKind::Slow, 1000).unwrap();
    assert!(empty.is_empty(), "a quiet log is no missing one");
}

#[test]
fn without_being_asked_to_a_recording_keeps_no_log_and_an_earlier_storex_reads_it() {
    let (_dir, [path, _]) = places();
    recorded(&path, None);
    for kind in LogKind::ALL {
        let error = replayed(&path, kind, 1000).unwrap_err();
        assert!(error.remedy().contains("--logs"), "{error}");
    }
    let manifest = std::fs::read_to_string(path.join("snapshot.json")).unwrap();
    assert!(
        manifest.contains("\"format\": 1") && !manifest.contains("logs"),
        "{manifest}"
    );
}

#[test]
fn whoever_is_shown_a_snapshot_with_logs_is_told_that_they_hold_literals() {
    let (_dir, [path, _]) = places();
    recorded(&path, Some(&InMemory(vec![entry(1).into_bytes()])));
    let text = describe(&path).unwrap().to_string();
    assert!(
        text.contains("logs: 1 files, 1 KiB") && text.contains("hold literals"),
        "{text}"
    );
    assert!(text.contains("not kept of the error log"), "{text}");
}

#[test]
fn a_piece_that_is_missing_changed_or_not_listed_is_refused() {
    let logs = InMemory(vec![entry(1).into_bytes()]);
    let piece = "recorded-logs/001-001.log";
    for change in ["remove", "change", "add"] {
        let (_dir, [path, _]) = places();
        recorded(&path, Some(&logs));
        match change {
            "remove" => std::fs::remove_file(path.join(piece)).unwrap(),
            "change" => std::fs::write(path.join(piece), "shorter").unwrap(),
            _ => std::fs::write(path.join("recorded-logs/x.log"), "more").unwrap(),
        }
        let error = Replay::open(&path).unwrap_err().to_string();
        let told = if change == "add" {
            "does not list it"
        } else {
            "not the bytes recorded"
        };
        assert!(error.contains(told), "{change}: {error}");
    }
}
