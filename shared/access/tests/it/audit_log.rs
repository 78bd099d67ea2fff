//! What the audit log holds, what it survives, and what it betrays.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};
use storex_access::audit::{
    AuditError, AuditLog, Begin, Options, Outcome, Sync, Ticket, VerifyError, verify,
};
use storex_access::{Decision, Principal};
use tempfile::TempDir;

use crate::support::{object, whole};

fn options() -> Options {
    Options {
        sync: Sync::Os,
        salt: Some(b"salt".to_vec()),
        ..Options::new(|| Timestamp::UNIX_EPOCH)
    }
}

fn open(dir: &Path) -> AuditLog {
    AuditLog::open(dir, options()).unwrap()
}

async fn begin(log: &AuditLog, arguments: &Value) -> Result<Ticket, AuditError> {
    log.begin(&Begin {
        request_id: "r-1",
        principal: &Principal::agent("assistant", "ana", ["payments"]),
        tool: "innodb_lock_waits",
        instance: Some("payments-eu"),
        arguments: &object(arguments),
        decision: &Decision {
            allow: true,
            policies: vec!["owner-reads".to_owned()],
            ..Decision::default()
        },
    })
    .await
}

async fn call(log: &AuditLog) {
    let ticket = begin(log, &json!({})).await.unwrap();
    ticket.end(Outcome::Ok, 100).unwrap();
}

/// A closed log of this many calls, two lines each.
async fn log_of(calls: usize) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    for _ in 0..calls {
        call(&log).await;
    }
    dir
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    files
}

fn lines(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(&files(dir)[0]).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn rewrite(dir: &Path, lines: &[String]) {
    fs::write(&files(dir)[0], lines.join("\n") + "\n").unwrap();
}

/// The number of the first bad line.
fn bad_line(dir: &Path) -> u64 {
    match verify(dir).unwrap_err() {
        VerifyError::Bad { line, .. } => line,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_call_is_a_line_before_and_a_line_after() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let ticket = begin(&log, &json!({"limit": 5})).await.unwrap();
    assert_eq!(lines(dir.path()).len(), 1, "written before the call runs");
    ticket.end(Outcome::Failed("timeout"), 0).unwrap();
    let fixed = |line: &String| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let members = line.as_object_mut().unwrap();
        members.retain(|name, _| !["prev", "hash", "duration_ms"].contains(&name.as_str()));
        line.to_string()
    };
    let lines: Vec<String> = lines(dir.path()).iter().map(fixed).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"seq":1,"time":"1970-01-01T00:00:00.000000Z","kind":"begin","request":"r-1","principal":"assistant","on_behalf_of":"ana","transport":"http","tool":"innodb_lock_waits","instance":"payments-eu","arguments":["limit"],"arguments_digest":"2a06c3cf1e863ff2aeafa534fb608da6","decision":"allow","policies":["owner-reads"]}
    {"seq":2,"time":"1970-01-01T00:00:00.000000Z","kind":"end","begin":1,"outcome":"timeout","bytes":0}
    "#);
}

#[tokio::test]
async fn values_of_arguments_are_nowhere_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let canary = json!({"note": "canary-4711", "list": ["canary-4712", {"deep": "canary-4713"}]});
    drop(begin(&log, &canary).await.unwrap());
    drop(log);
    for entry in fs::read_dir(dir.path()).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn digest_is_of_the_values_whatever_their_order_and_depends_on_the_salt() {
    async fn digest(salt: Option<&[u8]>, arguments: Value) -> String {
        let dir = tempfile::tempdir().unwrap();
        let salt = salt.map(<[u8]>::to_vec);
        let log = AuditLog::open(dir.path(), Options { salt, ..options() }).unwrap();
        drop(begin(&log, &arguments).await.unwrap());
        let line: Value = serde_json::from_str(&lines(dir.path())[0]).unwrap();
        line["arguments_digest"].as_str().unwrap().to_owned()
    }
    let one = digest(Some(b"a"), json!({"x": 1, "y": {"b": 2, "c": [3]}})).await;
    assert_eq!(one.len(), 32);
    assert_eq!(
        one,
        digest(Some(b"a"), json!({"y": {"c": [3], "b": 2}, "x": 1})).await
    );
    assert_ne!(
        one,
        digest(Some(b"a"), json!({"x": 1, "y": {"b": 2, "c": [4]}})).await
    );
    assert_ne!(
        one,
        digest(Some(b"b"), json!({"x": 1, "y": {"b": 2, "c": [3]}})).await
    );
    let unsalted = digest(None, json!({})).await;
    assert_ne!(unsalted, digest(None, json!({})).await);
}

#[tokio::test]
async fn long_and_hostile_names_stay_one_short_line() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let arguments: Value = (0..1000)
        .map(|n| (format!("name{n}\n{}", "x".repeat(1000)), json!(n)))
        .collect();
    let name = "payments\n{\"seq\":9}".repeat(1000);
    let begin = Begin {
        request_id: &name,
        principal: &Principal::user(&name, [""; 0]),
        tool: &name,
        instance: Some(&name),
        arguments: &object(&arguments),
        decision: &Decision::default(),
    };
    drop(log.begin(&begin).await.unwrap());
    drop(log);
    let lines = lines(dir.path());
    assert_eq!(lines.len(), 2);
    assert!(lines[0].len() < 20_000, "{}", lines[0].len());
    verify(dir.path()).unwrap();
    // And the end of the chain is found behind many of them.
    let log = open(dir.path());
    for _ in 0..50 {
        drop(log.begin(&begin).await.unwrap());
    }
    drop(log);
    drop(open(dir.path()));
    assert_eq!(verify(dir.path()).unwrap().last_seq, 102);
}

#[tokio::test]
async fn dropped_ticket_is_recorded_as_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    drop(begin(&log, &json!({})).await.unwrap());
    let end: Value = serde_json::from_str(&lines(dir.path())[1]).unwrap();
    assert_eq!(
        (&end["begin"], &end["outcome"]),
        (&json!(1), &json!("cancelled"))
    );
}

#[tokio::test]
async fn whole_log_verifies() {
    let dir = log_of(5).await;
    let report = verify(dir.path()).unwrap();
    assert_eq!(
        (report.files, report.first_seq, report.last_seq),
        (1, 1, 10)
    );
    assert_eq!((report.torn, report.unfinished_bytes), (0, 0));
    assert!(lines(dir.path())[9].contains(&report.last_hash));
}

#[tokio::test]
async fn flip_of_any_byte_is_found_on_its_line() {
    let dir = log_of(2).await;
    let path = &files(dir.path())[0];
    let whole = fs::read(path).unwrap();
    let mut line = 1;
    for index in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[index] ^= 0x01;
        fs::write(path, &flipped).unwrap();
        let found = verify(dir.path());
        match found {
            Err(VerifyError::Bad { line: bad, .. }) => assert_eq!(bad, line, "byte {index}"),
            // Without its newline the last line counts as unfinished, and so as cut off.
            Err(VerifyError::Cut { .. }) => assert_eq!(index, whole.len() - 1),
            other => panic!("byte {index}: {other:?}"),
        }
        line += u64::from(whole[index] == b'\n');
    }
}

#[tokio::test]
async fn deleted_moved_doubled_and_inserted_lines_are_found() {
    let dir = log_of(3).await;
    let lines = lines(dir.path());
    let mut deleted = lines.clone();
    deleted.remove(2);
    rewrite(dir.path(), &deleted);
    assert_eq!(bad_line(dir.path()), 3);
    let mut first = lines.clone();
    first.remove(0);
    rewrite(dir.path(), &first);
    assert_eq!(bad_line(dir.path()), 1);
    let mut moved = lines.clone();
    moved.swap(2, 3);
    rewrite(dir.path(), &moved);
    assert_eq!(bad_line(dir.path()), 3);
    let mut doubled = lines.clone();
    doubled.insert(3, lines[2].clone());
    rewrite(dir.path(), &doubled);
    assert_eq!(bad_line(dir.path()), 4);
    let mut inserted = lines.clone();
    inserted.insert(3, "{}".to_owned());
    rewrite(dir.path(), &inserted);
    assert_eq!(bad_line(dir.path()), 4);
    rewrite(dir.path(), &lines);
    verify(dir.path()).unwrap();
}

#[tokio::test]
async fn lines_cut_from_the_end_are_found_and_not_written_over() {
    let dir = log_of(3).await;
    let lines = lines(dir.path());
    rewrite(dir.path(), &lines[..4]);
    let cut = verify(dir.path()).unwrap_err();
    assert!(
        matches!(
            cut,
            VerifyError::Cut {
                found: 4,
                anchored: 6
            }
        ),
        "{cut}"
    );
    let error = AuditLog::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, AuditError::Broken { .. }), "{error}");
    fs::remove_file(&files(dir.path())[0]).unwrap();
    verify(dir.path()).unwrap_err();
    AuditLog::open(dir.path(), options()).unwrap_err();
}

#[tokio::test]
async fn last_line_swapped_for_another_of_its_number_is_found() {
    let dir = log_of(1).await;
    let copy = tempfile::tempdir().unwrap();
    let path = files(dir.path())[0].clone();
    let first_line = lines(dir.path())[0].clone() + "\n";
    fs::write(copy.path().join(path.file_name().unwrap()), first_line).unwrap();
    let log = open(copy.path());
    call(&log).await;
    drop(log);
    // A chain that holds in itself, of the same length or longer, but not the one that was synced.
    fs::copy(&files(copy.path())[0], &path).unwrap();
    assert_eq!(bad_line(dir.path()), 2);
    let error = AuditLog::open(dir.path(), options()).unwrap_err();
    assert!(whole(&error).contains("audit.head"), "{error}");
}

#[tokio::test]
async fn line_of_another_log_is_found_though_whole_in_itself() {
    let (dir, other) = (log_of(2).await, tempfile::tempdir().unwrap());
    let log = open(other.path());
    let ticket = begin(&log, &json!({"other": true})).await.unwrap();
    ticket.end(Outcome::Ok, 1).unwrap();
    let mut mixed = lines(dir.path());
    mixed[1] = lines(other.path())[1].clone();
    rewrite(dir.path(), &mixed);
    assert_eq!(bad_line(dir.path()), 2);
}

#[tokio::test]
async fn chain_continues_after_a_restart() {
    let dir = log_of(2).await;
    let log = open(dir.path());
    call(&log).await;
    drop(log);
    assert_eq!(verify(dir.path()).unwrap().last_seq, 6);
}

#[tokio::test]
async fn crash_without_a_sync_loses_nothing_that_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    call(&log).await;
    // The process dies: nothing is closed, the lock goes with it.
    let crashed = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, crashed.path().join(path.file_name().unwrap())).unwrap();
    }
    let log = open(crashed.path());
    call(&log).await;
    drop(log);
    assert_eq!(verify(crashed.path()).unwrap().last_seq, 4);
}

#[tokio::test]
async fn line_torn_by_a_crash_is_kept_and_noted() {
    for torn in ["{\"seq\":5,\"ti", "x", "\0\0\0\0"] {
        let dir = log_of(2).await;
        let path = files(dir.path())[0].clone();
        let before = fs::read_to_string(&path).unwrap() + torn;
        fs::write(&path, &before).unwrap();
        let unfinished = verify(dir.path()).unwrap();
        assert_eq!(unfinished.unfinished_bytes, torn.len() as u64);
        let log = open(dir.path());
        call(&log).await;
        drop(log);
        assert!(fs::read_to_string(&path).unwrap().starts_with(&before));
        let report = verify(dir.path()).unwrap();
        assert_eq!((report.torn, report.last_seq), (1, 7));
        drop(open(dir.path()));
        // What was torn cannot be changed any more either.
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen(&format!("{torn}\n"), "changed\n", 1)).unwrap();
        assert_eq!(bad_line(dir.path()), 5);
    }
}

#[tokio::test]
async fn broken_end_is_not_continued() {
    let dir = log_of(2).await;
    let mut lines = lines(dir.path());
    lines[3] = lines[3].replace("\"ok\"", "\"no\"");
    rewrite(dir.path(), &lines);
    let error = AuditLog::open(dir.path(), options()).unwrap_err();
    assert!(whole(&error).contains("verify"), "{error}");
    // Also where the head is behind, as after a crash.
    fs::write(dir.path().join("audit.head"), "").unwrap();
    AuditLog::open(dir.path(), options()).unwrap_err();
    lines.push("{}".to_owned());
    rewrite(dir.path(), &lines);
    AuditLog::open(dir.path(), options()).unwrap_err();
}

#[tokio::test]
async fn line_without_an_end_before_another_file_is_not_continued() {
    let dir = log_of(2).await;
    let path = &files(dir.path())[0];
    let torn = fs::read_to_string(path).unwrap() + "{\"seq\"";
    fs::write(path, torn).unwrap();
    fs::write(dir.path().join("audit-00000000000000000005.jsonl"), "").unwrap();
    let error = AuditLog::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, AuditError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn second_process_is_refused_while_the_first_writes() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let error = AuditLog::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, AuditError::Locked(_)), "{error}");
    drop(log);
    open(dir.path());
}

#[tokio::test]
async fn log_stays_locked_while_a_call_runs() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let ticket = begin(&log, &json!({})).await.unwrap();
    drop(log);
    AuditLog::open(dir.path(), options()).unwrap_err();
    ticket.end(Outcome::Ok, 0).unwrap();
    open(dir.path());
}

#[tokio::test]
async fn chain_goes_on_over_files() {
    let dir = tempfile::tempdir().unwrap();
    let rotating = || Options {
        rotate_bytes: 2_000,
        ..options()
    };
    let log = AuditLog::open(dir.path(), rotating()).unwrap();
    for _ in 0..10 {
        call(&log).await;
    }
    drop(log);
    let log = AuditLog::open(dir.path(), rotating()).unwrap();
    call(&log).await;
    drop(log);
    let all = files(dir.path());
    assert!(all.len() >= 3, "{all:?}");
    let report = verify(dir.path()).unwrap();
    assert_eq!(
        (report.files, report.first_seq, report.last_seq),
        (all.len(), 1, 22)
    );
    // The oldest may be archived; one from the middle may not be missing.
    let oldest = fs::read(&all[0]).unwrap();
    fs::remove_file(&all[0]).unwrap();
    assert!(verify(dir.path()).unwrap().first_seq > 1);
    fs::write(&all[0], oldest).unwrap();
    fs::remove_file(&all[1]).unwrap();
    assert_eq!(bad_line(dir.path()), 1);
}

#[tokio::test]
async fn crash_right_after_a_new_file_was_made_is_survived() {
    let dir = log_of(2).await;
    let empty = dir.path().join("audit-00000000000000000005.jsonl");
    fs::write(&empty, "").unwrap();
    let log = open(dir.path());
    call(&log).await;
    drop(log);
    assert_eq!(verify(dir.path()).unwrap().last_seq, 6);
    assert!(!fs::read(&empty).unwrap().is_empty());
}

#[test]
fn eight_threads_write_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let log = AuditLog::open(
        dir.path(),
        Options {
            rotate_bytes: 50_000,
            ..options()
        },
    )
    .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    for _ in 0..200 {
                        call(&log).await;
                    }
                });
            });
        }
    });
    drop(log);
    let report = verify(dir.path()).unwrap();
    assert_eq!(report.last_seq, 8 * 200 * 2);
    let mut ended: Vec<u64> = files(dir.path())
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.lines()
                .filter_map(|line| {
                    let line: Value = serde_json::from_str(line).unwrap();
                    line["begin"].as_u64()
                })
                .collect::<Vec<_>>()
        })
        .collect();
    ended.sort_unstable();
    ended.dedup();
    assert_eq!(ended.len(), 8 * 200);
}

/// A file system of 64 KiB; only root may make one.
struct Small(TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(dir.path())
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self(dir))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _gone = std::process::Command::new("umount")
            .arg("-l")
            .arg(self.0.path())
            .status();
    }
}

#[tokio::test]
async fn full_disk_refuses_calls_until_there_is_space() {
    let Some(small) = Small::mount() else {
        return full_device_refuses_calls().await;
    };
    let dir = small.0.path().join("audit");
    let ballast = small.0.path().join("ballast");
    let log = open(&dir);
    call(&log).await;
    // Fills the disk, also what is left of the log's own last page.
    fs::write(&ballast, vec![0; 64 << 10]).unwrap_err();
    let refused = async {
        for _ in 0..100 {
            if let Err(error) = begin(&log, &json!({})).await {
                return error;
            }
        }
        panic!("a hundred records fit into 64 KiB full of ballast")
    };
    let error = refused.await;
    assert!(matches!(error, AuditError::Write(_)), "{error}");
    assert!(whole(&error).contains("free space"), "{}", whole(&error));
    fs::remove_file(&ballast).unwrap();
    call(&log).await;
    drop(log);
    let report = verify(&dir).unwrap();
    assert_eq!((report.torn, report.unfinished_bytes), (0, 0));
}

/// Without root: the next file of the log is a device that is always full.
async fn full_device_refuses_calls() {
    let dir = tempfile::tempdir().unwrap();
    let log = AuditLog::open(
        dir.path(),
        Options {
            rotate_bytes: 1,
            ..options()
        },
    )
    .unwrap();
    let ticket = begin(&log, &json!({})).await.unwrap();
    let next = dir.path().join("audit-00000000000000000002.jsonl");
    std::os::unix::fs::symlink("/dev/full", &next).unwrap();
    assert!(matches!(
        ticket.end(Outcome::Ok, 0).unwrap_err(),
        AuditError::Write(_)
    ));
    let error = begin(&log, &json!({})).await.unwrap_err();
    assert!(matches!(error, AuditError::Write(_)), "{error}");
    drop(log);
    fs::remove_file(next).unwrap();
    let log = open(dir.path());
    call(&log).await;
    drop(log);
    assert_eq!(verify(dir.path()).unwrap().last_seq, 3);
}

#[tokio::test]
async fn full_device_refuses_calls_with_a_clear_error() {
    full_device_refuses_calls().await;
}

#[test]
fn missing_log_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let error = verify(&dir.path().join("nowhere")).unwrap_err();
    assert!(matches!(error, VerifyError::Missing(_)), "{error}");
}
