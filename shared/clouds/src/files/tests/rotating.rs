//! Rotation while a log is read: nothing is lost and nothing doubled.

use std::fs;

use proptest::prelude::*;
use storex_sources::{LogKind, LogRange, UnreadWhy};

use super::folder::{Folder, block_on, entries, gzip, numbers, read_all};

/// Moves `slow.log.1` and `slow.log` on by one, as logrotate does.
fn make_room(folder: &Folder) {
    for n in (1..20).rev() {
        for packed in ["", ".gz"] {
            let from = folder.path(&format!("slow.log.{n}{packed}"));
            if from.exists() {
                fs::rename(&from, folder.path(&format!("slow.log.{}{packed}", n + 1))).unwrap();
            }
        }
    }
}

/// The server goes on in a new file.
fn rename(folder: &Folder) {
    make_room(folder);
    fs::rename(folder.path("slow.log"), folder.path("slow.log.1")).unwrap();
    folder.write("slow.log", b"");
}

/// logrotate's `copytruncate`.
fn copy_and_truncate(folder: &Folder) {
    make_room(folder);
    fs::copy(folder.path("slow.log"), folder.path("slow.log.1")).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(folder.path("slow.log"))
        .unwrap();
}

/// Compresses the newest rotated file.
fn compress(folder: &Folder) {
    let Ok(bytes) = fs::read(folder.path("slow.log.1")) else {
        return;
    };
    folder.write("slow.log.1.gz", &gzip(&bytes));
    fs::remove_file(folder.path("slow.log.1")).unwrap();
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Nothing,
    Append(i64),
    Rename,
    CopyTruncate,
    Compress,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Nothing),
        4 => (1..12_i64).prop_map(Step::Append),
        1 => Just(Step::Rename),
        1 => Just(Step::CopyTruncate),
        1 => Just(Step::Compress),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_rotated_meanwhile_every_entry_is_read_once(
        before in 20..120_i64,
        chunk in 100..3_000_usize,
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let folder = Folder::new();
        folder.write("slow.log", &entries(0..before));
        let logs = folder.logs("slow.log", chunk);
        let (mut written, mut steps) = (before, steps.into_iter());
        let between = || match steps.next() {
            Some(Step::Append(count)) => {
                folder.append("slow.log", &entries(written..written + count));
                written += count;
            }
            Some(Step::Rename) => rename(&folder),
            Some(Step::CopyTruncate) => copy_and_truncate(&folder),
            Some(Step::Compress) => compress(&folder),
            Some(Step::Nothing) | None => {}
        };
        let (parts, report) = block_on(read_all(logs.as_ref(), None, u64::MAX, between)).unwrap();
        let mut found = numbers(&parts.concat());
        // A file that is empty when it is listed and copied away once it is not may come second.
        found.sort_unstable();
        let expected: Vec<i64> = (0..).take(found.len()).collect();
        prop_assert_eq!(&found, &expected, "{:?}", report);
        let least = usize::try_from(before).unwrap();
        prop_assert!(found.len() >= least, "{} of {before}: {report:?}", found.len());
        prop_assert_eq!(&report.unread, &vec![]);
    }
}

#[test]
fn a_file_that_was_listed_is_found_where_it_was_rotated_and_compressed_to() {
    let folder = Folder::new();
    folder.write("slow.log", &entries(0..50));
    let logs = folder.logs("slow.log", 1_000);
    block_on(async {
        let listing = logs.list(LogKind::Slow).await.unwrap();
        rename(&folder);
        folder.append("slow.log", &entries(50..60));
        compress(&folder);
        let mut stream = logs
            .read(&listing.files[0], &LogRange::whole(u64::MAX))
            .await
            .unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await.unwrap() {
            bytes.extend_from_slice(&chunk.bytes);
        }
        assert_eq!(bytes, entries(0..50));
    });
}

#[test]
fn a_file_that_was_emptied_with_no_copy_left_is_counted_as_unread() {
    let folder = Folder::new();
    folder.write("slow.log", &entries(0..100));
    let logs = folder.logs("slow.log", 1_000);
    let mut calls = 0;
    let between = || {
        calls += 1;
        if calls == 3 {
            folder.write("slow.log", b"");
        }
    };
    let (parts, report) = block_on(read_all(logs.as_ref(), None, u64::MAX, between)).unwrap();
    let read = parts.concat().len() as u64;
    assert_eq!(parts.concat(), entries(0..100)[..parts.concat().len()]);
    assert_eq!(report.unread[0].why, UnreadWhy::Rotated);
    assert_eq!(
        report.unread[0].bytes,
        Some(entries(0..100).len() as u64 - read)
    );
}

#[test]
fn a_copy_that_is_still_being_made_or_compressed_is_not_read_twice() {
    let folder = Folder::new();
    folder.write("slow.log", &entries(0..50));
    folder.write("slow.log.1", &entries(0..50)[..5_000]);
    folder.write("slow.log.1.gz", &gzip(&entries(0..50)));
    let listing = folder.list("slow.log").unwrap();
    assert_eq!(folder.names("slow.log"), ["slow.log"]);
    assert_eq!(listing.left_out[0].files, 2);
}
