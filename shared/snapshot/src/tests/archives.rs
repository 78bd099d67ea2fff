//! Archives that are not whole, or made to harm.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use tar::EntryType;

use super::fake::*;
use crate::files::Caps;
use crate::loaded::Loaded;
use crate::{Read, Replay, SnapshotError};

/// A recorded archive's entries, to be packed again with others.
fn recorded() -> Vec<(String, Vec<u8>)> {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    record_all(&fake, &read, 1, &path).unwrap();
    let file = |name: &str| (name.to_owned(), fs::read(path.join(name)).unwrap());
    vec![file("snapshot.json"), file("state/001/innodb_trx.json")]
}

/// A header with a path as it stands, which the tar crate itself would refuse to write.
fn header(path: &str, kind: EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o600);
    header.set_size(size);
    header.set_cksum();
    header
}

struct Archive {
    dir: tempfile::TempDir,
    tar: tar::Builder<zstd::Encoder<'static, File>>,
}

impl Archive {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = File::create(dir.path().join("s.tar.zst")).unwrap();
        Self {
            dir,
            tar: tar::Builder::new(zstd::Encoder::new(file, 1).unwrap()),
        }
    }

    fn with(files: &[(String, Vec<u8>)]) -> Self {
        let mut archive = Self::new();
        for (path, bytes) in files {
            archive.add(path, EntryType::Regular, bytes);
        }
        archive
    }

    fn add(&mut self, path: &str, kind: EntryType, bytes: &[u8]) {
        self.tar
            .append(&header(path, kind, bytes.len() as u64), bytes)
            .unwrap();
    }

    fn finish(self) -> (tempfile::TempDir, PathBuf) {
        self.tar.into_inner().unwrap().finish().unwrap();
        let path = self.dir.path().join("s.tar.zst");
        (self.dir, path)
    }

    fn open(self) -> Result<Replay, SnapshotError> {
        let (_dir, path) = self.finish();
        Replay::open(&path)
    }
}

fn refusal(result: Result<impl Sized, SnapshotError>) -> String {
    chain(&result.err().expect("it must be refused"))
}

#[test]
fn an_archive_packed_by_hand_is_opened_with_or_without_its_folder() {
    Archive::with(&recorded()).open().unwrap();
    let mut archive = Archive::new();
    archive.add("case1/", EntryType::Directory, b"");
    archive.add("case1/metrics/a.csv", EntryType::Regular, b"not ours");
    for (path, bytes) in recorded() {
        archive.add(&format!("./case1/{path}"), EntryType::Regular, &bytes);
    }
    archive.open().unwrap();
}

#[test]
fn two_snapshots_in_one_archive_are_refused() {
    let mut archive = Archive::with(&recorded());
    archive.add("other/snapshot.json", EntryType::Regular, b"{}");
    assert!(refusal(archive.open()).contains("more than one snapshot"));
}

#[test]
fn paths_that_lead_outside_are_refused() {
    for (path, why) in [
        ("../snapshot.json", "leads outside"),
        ("state/../../etc/passwd", "leads outside"),
        ("state/001/..", "leads outside"),
        ("/state/001/a.json", "not relative"),
        ("C:/state/001/a.json", "not relative"),
        ("state\\..\\a.json", "not relative"),
    ] {
        let mut archive = Archive::with(&recorded());
        archive.add(path, EntryType::Regular, b"{}");
        let text = refusal(archive.open());
        assert!(
            text.starts_with("snapshot entry") && text.contains(why),
            "{path}: {text}"
        );
    }
}

#[test]
fn a_path_given_in_a_pax_header_is_checked_too() {
    let mut archive = Archive::with(&recorded());
    let path = b"../../evil.json".as_slice();
    archive.tar.append_pax_extensions([("path", path)]).unwrap();
    archive.add("state/001/a.json", EntryType::Regular, b"{}");
    assert!(refusal(archive.open()).contains("leads outside"));
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
    ] {
        let mut archive = Archive::with(&recorded());
        let mut header = header("state/001/a.json", kind, 0);
        header.as_gnu_mut().unwrap().set_real_size(0);
        header.set_link_name_literal("/etc/passwd").unwrap();
        header.set_cksum();
        archive.tar.append(&header, b"".as_slice()).unwrap();
        let text = refusal(archive.open());
        assert!(
            text.contains("it is neither a file nor a folder"),
            "{kind:?}: {text}"
        );
    }
}

#[test]
fn a_file_named_twice_is_refused() {
    let files = recorded();
    let mut archive = Archive::with(&files);
    archive.add("state/001/innodb_trx.json", EntryType::Regular, &files[1].1);
    assert!(refusal(archive.open()).contains("it is there twice"));
}

#[test]
fn a_huge_declared_size_is_refused_before_anything_is_read() {
    let mut archive = Archive::with(&recorded());
    let huge = header("state/001/a.json", EntryType::Regular, 1 << 33);
    archive.tar.get_mut().write_all(huge.as_bytes()).unwrap();
    let text = refusal(archive.open());
    assert!(text.starts_with("snapshot holds more than 16777216 bytes in state/001/a.json"));
}

#[test]
fn an_entry_shorter_than_it_declares_is_refused() {
    let files = recorded();
    let mut archive = Archive::with(&files[..1]);
    let (path, bytes) = &files[1];
    let longer = header(path, EntryType::Regular, bytes.len() as u64 + 5000);
    archive.tar.get_mut().write_all(longer.as_bytes()).unwrap();
    archive.tar.get_mut().write_all(bytes).unwrap();
    let text = refusal(archive.open());
    assert!(text.contains("is not a whole .tar.zst archive"), "{text}");
    assert!(
        text.contains("its length is not the one declared"),
        "{text}"
    );
}

#[test]
fn a_bomb_is_refused_wherever_it_hides() {
    let caps = Caps {
        total_bytes: 1 << 20,
        ..Caps::STANDARD
    };
    let zeros = vec![0; 2 << 20];
    for hidden in ["state/001/a.json", "beside.bin", "after the end"] {
        let mut archive = Archive::with(&recorded());
        if hidden == "after the end" {
            archive.tar.finish().unwrap();
            archive.tar.get_mut().write_all(&zeros).unwrap();
        } else {
            archive.add(hidden, EntryType::Regular, &zeros);
        }
        let (_dir, path) = archive.finish();
        assert!(fs::metadata(&path).unwrap().len() < 10_000, "small on disk");
        let refused = Loaded::open(&path, caps).unwrap_err();
        assert!(
            matches!(refused, SnapshotError::TooLarge { .. }),
            "{hidden}: {refused:?}"
        );
        assert!(
            refused.to_string().contains("1048576 bytes in all"),
            "{hidden}: {refused}"
        );
    }
}

#[test]
fn a_long_name_without_end_is_refused_as_a_bomb() {
    let mut archive = Archive::new();
    let endless = header("././@LongLink", EntryType::GNULongName, 1 << 40);
    archive.tar.get_mut().write_all(endless.as_bytes()).unwrap();
    archive
        .tar
        .get_mut()
        .write_all(&vec![b'a'; 2 << 20])
        .unwrap();
    let (_dir, path) = archive.finish();
    let caps = Caps {
        total_bytes: 1 << 20,
        ..Caps::STANDARD
    };
    let refused = Loaded::open(&path, caps);
    assert!(
        matches!(refused, Err(SnapshotError::TooLarge { .. })),
        "{refused:?}"
    );
}

#[test]
fn too_many_entries_are_refused_whatever_they_are() {
    let caps = Caps {
        files: 5,
        ..Caps::STANDARD
    };
    for (kind, name) in [(EntryType::Directory, "d"), (EntryType::Regular, "x")] {
        let mut archive = Archive::with(&recorded());
        for n in 0..10 {
            archive.add(&format!("{name}{n}"), kind, b"");
        }
        let (_dir, path) = archive.finish();
        let refused = Loaded::open(&path, caps);
        assert!(
            matches!(refused, Err(SnapshotError::TooLarge { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_truncated_or_altered_archive_is_refused_at_any_place() {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.tar.zst");
    record_all(&fake, &read, 1, &path).unwrap();
    let whole = fs::read(&path).unwrap();
    let broken = dir.path().join("broken.tar.zst");
    let refused = |bytes: &[u8]| {
        fs::write(&broken, bytes).unwrap();
        Replay::open(&broken).is_err()
    };
    assert!(!refused(&whole));
    for end in 0..whole.len() {
        assert!(
            refused(&whole[..end]),
            "cut after {end} of {} bytes",
            whole.len()
        );
    }
    let mut altered = whole.clone();
    for place in (0..whole.len()).step_by(7) {
        altered[place] ^= 0x10;
        // Some header bits carry no meaning; what matters is that no altered content passes.
        if !refused(&altered) {
            assert_eq!(content(&broken), content(&path), "altered at byte {place}");
        }
        altered[place] = whole[place];
    }
}

fn content(path: &Path) -> Vec<u8> {
    zstd::decode_all(File::open(path).unwrap()).unwrap()
}

#[test]
fn a_file_that_is_no_archive_is_said_not_to_be_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    for text in ["no archive", ""] {
        fs::write(&path, text).unwrap();
        assert!(Replay::open(&path).is_err());
    }
    fs::write(&path, "no archive").unwrap();
    let text = refusal(Replay::open(&path));
    assert!(
        text.contains("notes.txt is not a whole .tar.zst archive; copy or record"),
        "{text}"
    );
}

#[test]
fn an_archive_says_nothing_of_the_machine_that_wrote_it() {
    let read = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&read[0], Ok(number(0, 1)))]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.tar.zst");
    record_all(&fake, &read, 1, &path).unwrap();
    let bytes = content(&path);
    let mut tar = tar::Archive::new(bytes.as_slice());
    for entry in tar.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!(header.username().unwrap(), Some(""));
        assert_eq!(
            header.mtime().unwrap(),
            u64::try_from(at(0).as_second()).unwrap()
        );
    }
}
