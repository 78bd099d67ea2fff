//! The folder of one server: its data, socket and log. In memory when there is room.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::Place;

const PREFIX: &str = "storex-test-";
const OWNER: &str = "owner.lock";
const MEMORY: &str = "/dev/shm";
/// A server of the kit needs a tenth of this at first; incidents write more.
const ROOM_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// A temporary folder that is removed with the guard; if the test process was killed, by the next
/// test that starts.
pub(super) struct Scratch {
    folder: TempDir,
    _owner: File,
}

impl Scratch {
    pub(super) fn create(place: &Place) -> Result<Self> {
        let parent = match place {
            Place::Quickest => parent(),
            Place::Disk => std::env::temp_dir(),
            Place::At(folder) => folder.clone(),
        };
        sweep(&parent);
        // A sweeping process may take a folder in the moment before it is locked.
        for _ in 0..10 {
            let folder = tempfile::Builder::new()
                .prefix(PREFIX)
                .tempdir_in(&parent)?;
            let path = folder.path().join(OWNER);
            let Ok(owner) = File::create(&path) else {
                continue;
            };
            if owner.try_lock().is_ok() && path.exists() {
                for part in ["tmp", "tls"] {
                    fs::create_dir(folder.path().join(part))?;
                }
                return Ok(Self {
                    folder,
                    _owner: owner,
                });
            }
        }
        bail!(
            "cannot keep a folder in {}: another process removes it",
            parent.display()
        )
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn parent() -> PathBuf {
    let memory = PathBuf::from(MEMORY);
    let room = rustix::fs::statvfs(&memory)
        .map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize))
        .unwrap_or_default();
    let writable = rustix::fs::access(&memory, rustix::fs::Access::WRITE_OK).is_ok();
    if writable && room >= ROOM_BYTES {
        memory
    } else {
        std::env::temp_dir()
    }
}

/// Removes folders whose owner is gone. One that cannot be looked at is not ours.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            let _ = remove_if_abandoned(&entry.path());
        }
    }
}

fn remove_if_abandoned(folder: &Path) -> Result<()> {
    let owner = File::open(folder.join(OWNER))?;
    owner.try_lock().context("a test uses this folder")?;
    fs::remove_dir_all(folder)?;
    Ok(())
}
