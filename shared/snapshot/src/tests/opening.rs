//! Folders that are not whole, broken, or not ours.

use std::fs;
use std::path::{Path, PathBuf};

use super::fake::*;
use crate::files::Caps;
use crate::loaded::Loaded;
use crate::{Read, Replay, SnapshotError, describe};

const TRX_FILE: &str = "state/001/innodb_trx.json";

struct Folder {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl Folder {
    fn recorded() -> Self {
        let reads = [Read::every_sample(&TRX), Read::every_sample(&STATUS)];
        let answers = reads.iter().map(|read| (read, Ok(number(0, 1)))).collect();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("snapshot");
        record_all(&Fake::default().moment(0, answers), &reads, 1, &path).unwrap();
        Self { _dir: dir, path }
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path.join(file), text).unwrap();
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.text(file);
        assert!(text.contains(from), "{text}");
        self.write(file, &text.replacen(from, to, 1));
    }

    /// What opening it says.
    fn refusal(&self) -> String {
        chain(&Replay::open(&self.path).expect_err("it must be refused"))
    }
}

#[test]
fn a_snapshot_that_is_not_there_is_said_to_be_missing() {
    let missing = Replay::open(Path::new("no/such/snapshot"));
    assert!(
        matches!(missing, Err(SnapshotError::Missing { .. })),
        "{missing:?}"
    );
}

#[test]
fn a_half_written_snapshot_is_refused() {
    let folder = Folder::recorded();
    let whole = folder.text("snapshot.json");
    fs::remove_file(folder.path.join("snapshot.json")).unwrap();
    assert!(
        folder
            .refusal()
            .starts_with("snapshot.json is missing, so the recording")
    );

    folder.write("snapshot.json", &whole[..whole.len() / 2]);
    assert!(
        folder
            .refusal()
            .starts_with("snapshot.json is broken at line ")
    );

    folder.write("snapshot.json", &whole);
    fs::remove_file(folder.path.join(TRX_FILE)).unwrap();
    assert!(
        folder
            .refusal()
            .starts_with("sample 001 holds 1 captures and snapshot.json says 2;")
    );
}

#[test]
fn broken_json_is_named_by_file_and_line() {
    let folder = Folder::recorded();
    folder.replace(TRX_FILE, "    [1]", "    [1;]");
    let text = folder.refusal();
    assert!(
        text.starts_with("state/001/innodb_trx.json is broken at line 7;"),
        "{text}"
    );

    let folder = Folder::recorded();
    folder.replace(TRX_FILE, "\"took_us\": 1500", "\"took_us\": \"long\"");
    let text = folder.refusal();
    assert!(
        text.starts_with("state/001/innodb_trx.json is broken at line 3;"),
        "{text}"
    );
    assert!(text.contains("invalid type: string \"long\""), "{text}");
}

#[test]
fn a_value_no_server_sends_is_named_with_what_may_stand_there() {
    for value in ["true", "{}", "[1]"] {
        let folder = Folder::recorded();
        folder.replace(TRX_FILE, "    [1]", &format!("    [{value}]"));
        let text = folder.refusal();
        assert!(
            text.starts_with("state/001/innodb_trx.json is broken at line 7;"),
            "{text}"
        );
        assert!(text.contains("expected null, a number or a text"), "{text}");
    }
}

#[test]
fn a_capture_that_contradicts_itself_is_refused() {
    for (from, to, why) in [
        ("[1]", "[1],\n[1, 2]", "row 2 is not as long as `columns`"),
        (
            "  \"truncated\": false,\n",
            "",
            "it needs either `error` alone or all of",
        ),
        (
            "{\n",
            "{\n \"error\": {\"kind\": \"denied\"},\n",
            "it needs either `error` alone",
        ),
        (
            "{\n",
            "{\n \"params\": [1],\n",
            "a capture with `params` lies in its probe's folder",
        ),
        ("{\n", "{\n \"parms\": [1],\n", "unknown field `parms`"),
    ] {
        let folder = Folder::recorded();
        folder.replace(TRX_FILE, from, to);
        let text = folder.refusal();
        assert!(text.starts_with(TRX_FILE) && text.contains(why), "{text}");
    }
}

#[test]
fn two_captures_with_the_same_params_are_refused() {
    let folder = Folder::recorded();
    fs::create_dir(folder.path.join("state/001/innodb_trx")).unwrap();
    let text = folder
        .text(TRX_FILE)
        .replacen("{\n", "{\n  \"params\": [7],\n", 1);
    folder.write("state/001/innodb_trx/a.json", &text);
    folder.write("state/001/innodb_trx/b.json", &text);
    assert!(
        folder
            .refusal()
            .contains("another file of this sample has the same `params`")
    );
}

#[test]
fn files_a_snapshot_never_has_are_refused_below_state_and_left_alone_beside_it() {
    let folder = Folder::recorded();
    folder.write("case.yaml", "prompt: why is it slow");
    fs::create_dir(folder.path.join("metrics")).unwrap();
    Replay::open(&folder.path).unwrap();
    for file in ["state/notes.txt", "state/001/a b.json", "state/001.json"] {
        folder.write(file, "{}");
        let text = folder.refusal();
        assert!(
            text.starts_with(&format!("{file} cannot be used: its name")),
            "{text}"
        );
        fs::remove_file(folder.path.join(file)).unwrap();
    }
    fs::create_dir(folder.path.join("state/009")).unwrap();
    fs::copy(
        folder.path.join(TRX_FILE),
        folder.path.join("state/009/innodb_trx.json"),
    )
    .unwrap();
    assert!(
        folder
            .refusal()
            .contains("snapshot.json lists no sample 009")
    );
}

#[test]
fn a_later_format_is_named_and_the_version_to_use_with_it() {
    let folder = Folder::recorded();
    // What a later format looks like is not known; only these two fields are.
    folder.write(
        "snapshot.json",
        r#"{"storex": "9.1.0", "format": 4, "samples": "elsewhere"}"#,
    );
    let text = folder.refusal();
    let expected = "snapshot has format 4 and this storex reads up to 3; open it with storex 9.1.0 \
                    or a later one";
    assert_eq!(text, expected);
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    let two = |second: &str| {
        format!(
            r#""samples": [{{"id": "002", "at": "2027-01-01T00:00:00Z", "captures": 0}}, {second}, "#
        )
    };
    let early = r#"{"id": "003", "at": "2026-12-31T00:00:00Z", "captures": 0}"#;
    let twice = r#"{"id": "002", "at": "2027-02-01T00:00:00Z", "captures": 0}"#;
    let same = r#"{"id": "003", "at": "2027-01-01T00:00:00Z", "captures": 0}"#;
    for (from, to, why) in [
        (
            "\"samples\": [",
            two(same).as_str(),
            "sample 003 is not later than the one before",
        ),
        (
            "\"samples\": [",
            two(early).as_str(),
            "sample 003 is not later than the one before",
        ),
        (
            "\"samples\": [",
            two(twice).as_str(),
            "sample id 002 is used twice",
        ),
        (
            "\"001\"",
            "\"../001\"",
            "is not 1 to 64 letters, digits, `_` or `-`",
        ),
        ("\"format\": 1", "\"format\": 0", "there is no format 0"),
        (
            "\"format\": 1",
            "\"format\": 1, \"color\": 1",
            "unknown field `color`",
        ),
    ] {
        let folder = Folder::recorded();
        folder.replace("snapshot.json", from, to);
        let text = folder.refusal();
        assert!(text.contains(why), "{text}");
    }
}

#[test]
fn a_snapshot_without_samples_is_refused() {
    let folder = Folder::recorded();
    let mut manifest: serde_json::Value =
        serde_json::from_str(&folder.text("snapshot.json")).unwrap();
    manifest["samples"] = serde_json::json!([]);
    folder.write("snapshot.json", &manifest.to_string());
    fs::remove_dir_all(folder.path.join("state")).unwrap();
    assert!(folder.refusal().contains("it lists no sample"));
}

#[test]
fn folders_nested_without_end_are_refused() {
    let folder = Folder::recorded();
    fs::create_dir_all(folder.path.join("state/001/a/b/c/d")).unwrap();
    assert!(folder.refusal().contains("folders are nested too deep"));
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_refused() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::NamedTempFile::new().unwrap();
    for (link, is_folder) in [(TRX_FILE, false), ("snapshot.json", false), ("state", true)] {
        let folder = Folder::recorded();
        let link = folder.path.join(link);
        if is_folder {
            fs::rename(&link, folder.path.join("elsewhere")).unwrap();
            symlink("elsewhere", &link).unwrap();
        } else {
            fs::copy(&link, outside.path()).unwrap();
            fs::remove_file(&link).unwrap();
            symlink(outside.path(), &link).unwrap();
        }
        assert!(
            folder
                .refusal()
                .contains("is refused: it is neither a file nor a folder")
        );
    }
}

#[test]
fn a_folder_beyond_the_bounds_is_refused() {
    let folder = Folder::recorded();
    let length = folder.text(TRX_FILE).len() as u64;
    for (caps, limit) in [
        (
            Caps {
                files: 2,
                ..Caps::STANDARD
            },
            "2 files",
        ),
        (
            Caps {
                file_bytes: length - 1,
                ..Caps::STANDARD
            },
            "bytes in ",
        ),
        (
            Caps {
                total_bytes: 3000,
                ..Caps::STANDARD
            },
            "3000 bytes in all",
        ),
    ] {
        let refused = Loaded::open(&folder.path, caps).unwrap_err();
        assert!(
            matches!(refused, SnapshotError::TooLarge { .. }),
            "{refused:?}"
        );
        assert!(refused.to_string().contains(limit), "{refused}");
    }
}

#[test]
fn a_description_says_what_a_person_asks_and_steers_no_terminal() {
    let folder = Folder::recorded();
    let instance = r#""instance": {"name": "prod-\u001b[2J7", "cells": 2}"#;
    folder.replace("snapshot.json", "\"instance\": {}", instance);
    let broken = "{\n  \"error\": {\"kind\":\"denied\"}\n}\n";
    folder.write("state/001/global_status.json", broken);
    let text = describe(&folder.path).unwrap().to_string();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "Percona Server 8.0.36; samples: 1; probes: 2; size: 1 KiB\n\
         recorded 2026-09-21T14:13:20Z by storex {version}\n\
         redaction: none\n\
         name: prod- [2J7\n\
         cells: 2\n\
         \x20 001  2026-09-21T14:13:20Z  answered 1, rows 1; failed: global_status (denied)\n"
    );
    assert_eq!(text, expected);
}
