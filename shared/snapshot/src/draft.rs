//! A snapshot being written: a hidden folder beside its final place, given its name only when it
//! is whole and could be read back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempDir};

use crate::files::{Caps, cost, failed};
use crate::loaded::Loaded;
use crate::manifest::MANIFEST;
use crate::{Description, Manifest, SnapshotError, archive};

const PREFIX: &str = ".storex-recording-";

/// Kept free for `snapshot.json` and the end of the archive.
const RESERVE: u64 = 1 << 20;

/// A snapshot being written. Dropped, it leaves nothing behind.
pub(crate) struct Draft {
    to: PathBuf,
    folder: TempDir,
    caps: Caps,
    total: u64,
    names: Vec<String>,
}

impl Draft {
    /// A draft of a snapshot at `to`, where nothing may be yet.
    pub(crate) fn create(to: &Path, caps: Caps) -> Result<Self, SnapshotError> {
        refuse_overwriting(to)?;
        let mut builder = Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder
            .tempdir_in(parent(to))
            .map_err(|error| failed("write", to, error))?;
        Ok(Self {
            to: to.to_owned(),
            folder,
            caps,
            total: RESERVE,
            names: Vec::new(),
        })
    }

    /// Whether a capture of this length may be written at all.
    pub(crate) fn takes(&self, text: &str) -> bool {
        text.len() as u64 <= self.caps.file_bytes
    }

    /// Writes one sample's captures, by file name below the sample's folder. Returns `false`, and
    /// writes nothing, where the snapshot would grow beyond what may be opened.
    pub(crate) fn write_sample(
        &mut self,
        id: &str,
        captures: Vec<(String, String)>,
    ) -> Result<bool, SnapshotError> {
        let more: u64 = captures
            .iter()
            .map(|(_, text)| cost(text.len() as u64))
            .sum();
        let files = self.names.len() + captures.len() + 1;
        if self.total.saturating_add(more) > self.caps.total_bytes || files > self.caps.files {
            return Ok(false);
        }
        for (file, text) in captures {
            self.write(format!("state/{id}/{file}"), text.as_bytes())?;
        }
        self.total += more;
        Ok(true)
    }

    /// Writes what a snapshot holds beside its samples: bytes of a log, figures of metrics.
    ///
    /// # Errors
    /// Also where the snapshot would grow beyond what may be opened.
    pub(crate) fn write_beside(&mut self, name: String, bytes: &[u8]) -> Result<(), SnapshotError> {
        if !self.has_room_for(bytes.len() as u64) {
            return Err(self.caps.too_much());
        }
        self.total = self.total.saturating_add(cost(bytes.len() as u64));
        self.write(name, bytes)
    }

    /// Whether a file of this length may still be written.
    pub(crate) fn has_room_for(&self, bytes: u64) -> bool {
        let total = self.total.saturating_add(cost(bytes));
        bytes <= self.caps.file_bytes
            && total <= self.caps.total_bytes
            && self.names.len() < self.caps.files
    }

    /// An error of the operating system while it is written.
    pub(crate) fn failed(&self, error: io::Error) -> SnapshotError {
        failed("write", &self.to, error)
    }

    /// Writes `snapshot.json`, reads the whole back, and moves it to its place.
    pub(crate) fn finish(mut self, manifest: &Manifest) -> Result<Description, SnapshotError> {
        self.write(MANIFEST.to_owned(), manifest.encode()?.as_bytes())?;
        if is_archive(&self.to) {
            self.finish_archive(manifest)
        } else {
            self.finish_folder()
        }
    }

    fn finish_folder(self) -> Result<Description, SnapshotError> {
        let description = Description::of(&Loaded::open(self.folder.path(), self.caps)?)?;
        refuse_overwriting(&self.to)?;
        fs::rename(self.folder.path(), &self.to)
            .map_err(|error| failed("write", &self.to, error))?;
        Ok(description)
    }

    fn finish_archive(self, manifest: &Manifest) -> Result<Description, SnapshotError> {
        let write_error = |error| failed("write", &self.to, error);
        let file = NamedTempFile::with_prefix_in(PREFIX, parent(&self.to)).map_err(write_error)?;
        let mtime_s = u64::try_from(manifest.recorded_at.as_second()).unwrap_or(0);
        archive::pack(self.folder.path(), &self.names, mtime_s, file.as_file())
            .map_err(write_error)?;
        file.as_file().sync_all().map_err(write_error)?;
        let description = Description::of(&Loaded::open(file.path(), self.caps)?)?;
        file.persist_noclobber(&self.to)
            .map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => SnapshotError::Exists {
                    path: self.to.clone(),
                },
                _ => write_error(error.error),
            })?;
        Ok(description)
    }

    fn write(&mut self, name: String, bytes: &[u8]) -> Result<(), SnapshotError> {
        let path = self.folder.path().join(&name);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|error| failed("write", &self.to, error))?;
        self.names.push(name);
        Ok(())
    }
}

fn is_archive(to: &Path) -> bool {
    to.to_string_lossy().ends_with(".tar.zst")
}

fn parent(to: &Path) -> &Path {
    to.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn refuse_overwriting(to: &Path) -> Result<(), SnapshotError> {
    match fs::symlink_metadata(to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("write", to, error)),
        Ok(_) => Err(SnapshotError::Exists {
            path: to.to_owned(),
        }),
    }
}
