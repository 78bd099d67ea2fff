//! The log over a disk that is full, or does not sync, or is slow.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use serde_json::Map;

use super::body::Salt;
use super::sink::{Sink, open_append};
use super::start::{self, file_name};
use super::sync::Shared;
use super::writer::Writer;
use super::*;
use crate::{Decision, Principal};

/// A file on a disk with so much space, which syncs when it is let to.
struct Disk {
    file: File,
    space: AtomicU64,
    cuts_fail: AtomicBool,
    syncs_fail: AtomicBool,
    syncs: AtomicU64,
    stuck: Mutex<bool>,
    moved: Condvar,
}

impl Disk {
    fn new(dir: &Path) -> Arc<Self> {
        Arc::new(Self {
            file: open_append(&dir.join(file_name(1))).unwrap(),
            space: AtomicU64::new(u64::MAX),
            cuts_fail: AtomicBool::new(false),
            syncs_fail: AtomicBool::new(false),
            syncs: AtomicU64::new(0),
            stuck: Mutex::new(false),
            moved: Condvar::new(),
        })
    }

    fn stick(&self, stuck: bool) {
        *self.stuck.lock().unwrap() = stuck;
        self.moved.notify_all();
    }

    fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::SeqCst)
    }
}

impl Sink for Disk {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let space = usize::try_from(self.space.load(Ordering::SeqCst)).unwrap();
        let fits = &bytes[..bytes.len().min(space)];
        self.file.append(fits)?;
        if fits.len() < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn cut(&self, len: u64) -> io::Result<()> {
        if self.cuts_fail.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::Other.into());
        }
        self.file.cut(len)
    }

    fn sync(&self) -> io::Result<()> {
        let mut stuck = self.stuck.lock().unwrap();
        while *stuck {
            stuck = self.moved.wait(stuck).unwrap();
        }
        self.syncs.fetch_add(1, Ordering::SeqCst);
        if self.syncs_fail.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::Other.into());
        }
        self.file.sync()
    }
}

fn log_on(dir: &Path, disk: &Arc<Disk>, sync: Sync) -> AuditLog {
    let options = Options {
        sync,
        ..Options::new(|| Timestamp::UNIX_EPOCH)
    };
    let mut writer = Writer::start(dir, &options, start::open(dir).unwrap()).unwrap();
    writer.sink = Arc::clone(disk) as Arc<dyn Sink>;
    AuditLog {
        shared: Shared::start(writer, sync).unwrap(),
        salt: Salt::new(Some(b"salt".to_vec())),
    }
}

/// Slow enough that nothing is synced by itself during a test.
const NEVER: Sync = Sync::Group {
    max_delay: Duration::from_secs(3600),
    max_records: u64::MAX,
};

async fn begin(log: &AuditLog) -> Result<Ticket, AuditError> {
    log.begin(&Begin {
        request_id: "r-1",
        principal: &Principal::user("ana", ["payments"]),
        tool: "innodb_lock_waits",
        instance: Some("payments-eu"),
        arguments: &Map::new(),
        decision: &Decision::default(),
    })
    .await
}

fn end(ticket: Ticket) {
    ticket.end(Outcome::Ok, 10).unwrap();
}

#[tokio::test]
async fn full_disk_stops_calls_and_space_lets_them_run_again() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::new(dir.path());
    let log = log_on(dir.path(), &disk, NEVER);
    end(begin(&log).await.unwrap());
    for left in [0, 1, 100] {
        disk.space.store(left, Ordering::SeqCst);
        let refused = begin(&log).await.unwrap_err();
        assert!(matches!(refused, AuditError::Write(_)), "{refused}");
    }
    disk.space.store(u64::MAX, Ordering::SeqCst);
    end(begin(&log).await.unwrap());
    drop(log);
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.last_seq, report.torn), (4, 0));
}

#[tokio::test]
async fn partial_line_that_cannot_be_cut_back_stops_calls_until_it_can() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::new(dir.path());
    let log = log_on(dir.path(), &disk, NEVER);
    end(begin(&log).await.unwrap());
    disk.space.store(50, Ordering::SeqCst);
    disk.cuts_fail.store(true, Ordering::SeqCst);
    begin(&log).await.unwrap_err();
    disk.space.store(u64::MAX, Ordering::SeqCst);
    begin(&log).await.unwrap_err();
    disk.cuts_fail.store(false, Ordering::SeqCst);
    end(begin(&log).await.unwrap());
    drop(log);
    assert_eq!(verify(dir.path()).unwrap().last_seq, 4);
}

#[tokio::test]
async fn every_waits_for_the_disk_and_group_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::new(dir.path());
    let log = log_on(dir.path(), &disk, Sync::Every);
    let begun = begin(&log).await.unwrap();
    assert_eq!(disk.syncs(), 1);
    end(begun);
    log.flush().await.unwrap();
    disk.stick(true);
    let waiting = tokio::time::timeout(Duration::from_millis(50), begin(&log));
    assert!(
        waiting.await.is_err(),
        "returned before the line was on disk"
    );
    disk.stick(false);
    end(begin(&log).await.unwrap());
    drop(log);

    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::new(dir.path());
    disk.stick(true);
    let log = log_on(dir.path(), &disk, Sync::default());
    end(begin(&log).await.unwrap());
    assert_eq!(disk.syncs(), 0);
    disk.stick(false);
    log.flush().await.unwrap();
    assert!(disk.syncs() >= 1);
}

#[tokio::test]
async fn group_syncs_by_itself_within_its_delay_or_its_number_of_lines() {
    let quick = Sync::Group {
        max_delay: Duration::from_millis(5),
        max_records: u64::MAX,
    };
    let few = Sync::Group {
        max_delay: Duration::from_secs(3600),
        max_records: 4,
    };
    for rule in [quick, few] {
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::new(dir.path());
        let log = log_on(dir.path(), &disk, rule);
        end(begin(&log).await.unwrap());
        end(begin(&log).await.unwrap());
        let synced = async {
            while disk.syncs() == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), synced)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn calls_that_begin_together_share_a_sync() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::new(dir.path());
    let log = log_on(dir.path(), &disk, Sync::Every);
    disk.stick(true);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let log = log.clone();
        calls.spawn(async move { end(begin(&log).await.unwrap()) });
    }
    // All are written while the first sync is stuck.
    let written = async {
        while std::fs::read(dir.path().join(file_name(1)))
            .unwrap()
            .split(|b| *b == b'\n')
            .count()
            < 21
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), written)
        .await
        .unwrap();
    disk.stick(false);
    calls.join_all().await;
    drop(log);
    assert!(disk.syncs() < 20, "{} syncs", disk.syncs());
    assert_eq!(verify(dir.path()).unwrap().last_seq, 40);
}

#[tokio::test]
async fn disk_that_does_not_sync_stops_calls_and_the_doubt_is_recorded() {
    for rule in [Sync::Every, NEVER] {
        let dir = tempfile::tempdir().unwrap();
        let disk = Disk::new(dir.path());
        let log = log_on(dir.path(), &disk, rule);
        end(begin(&log).await.unwrap());
        log.flush().await.unwrap();
        disk.syncs_fail.store(true, Ordering::SeqCst);
        if rule == Sync::Every {
            assert!(matches!(
                begin(&log).await.unwrap_err(),
                AuditError::Sync(_)
            ));
        } else {
            end(begin(&log).await.unwrap());
            log.flush().await.unwrap_err();
        }
        assert!(
            matches!(begin(&log).await.unwrap_err(), AuditError::Sync(_)),
            "{rule:?}"
        );
        disk.syncs_fail.store(false, Ordering::SeqCst);
        end(begin(&log).await.unwrap());
        drop(log);
        let text = std::fs::read_to_string(dir.path().join(file_name(1))).unwrap();
        assert!(text.contains(r#""kind":"unsynced","from":3"#), "{text}");
        verify(dir.path()).unwrap();
    }
}

#[test]
fn skipped_number_is_found_though_the_hashes_hold() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = Vec::new();
    let time = Timestamp::UNIX_EPOCH;
    let mut last = line::compose(
        &mut text,
        &line::Link::genesis(),
        time,
        br#"{"kind":"begin"}"#,
    );
    last.seq += 1;
    line::compose(&mut text, &last, time, br#"{"kind":"end"}"#);
    std::fs::write(dir.path().join(file_name(1)), text).unwrap();
    std::fs::write(dir.path().join("audit.head"), "").unwrap();
    let error = verify(dir.path()).unwrap_err();
    assert!(matches!(error, VerifyError::Bad { line: 2, .. }), "{error}");
}
