//! A snapshot's files in memory, read from a folder or an archive within fixed bounds. Nothing is
//! ever unpacked to disk, and only plain files with plain paths are taken.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::manifest::MANIFEST;
use crate::{SnapshotError, archive, logs, metrics};

/// What a snapshot may hold at most. The recorder keeps to it, the reader enforces it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    /// Files.
    pub(crate) files: usize,
    /// Bytes of one file.
    pub(crate) file_bytes: u64,
    /// Bytes of all files, with what an archive adds to each.
    pub(crate) total_bytes: u64,
}

impl Caps {
    /// The bounds of every snapshot.
    pub(crate) const STANDARD: Self = Self {
        files: 20_000,
        file_bytes: 16 << 20,
        total_bytes: 256 << 20,
    };

    pub(crate) fn too_many_files(&self) -> SnapshotError {
        SnapshotError::TooLarge {
            limit: format!("{} files", self.files),
        }
    }

    pub(crate) fn too_long_file(&self, file: &str) -> SnapshotError {
        SnapshotError::TooLarge {
            limit: format!("{} bytes in {file}", self.file_bytes),
        }
    }

    pub(crate) fn too_much(&self) -> SnapshotError {
        SnapshotError::TooLarge {
            limit: format!("{} bytes in all", self.total_bytes),
        }
    }
}

/// What a file of `len` bytes counts for: an archive adds a header and padding to it.
pub(crate) fn cost(len: u64) -> u64 {
    len.saturating_add(1024)
}

/// Files by their path inside the snapshot, collected within bounds.
pub(crate) struct Files {
    caps: Caps,
    total: u64,
    by_path: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Reads a snapshot's files.
    pub(crate) fn load(path: &Path, caps: Caps) -> Result<Self, SnapshotError> {
        let meta = fs::metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SnapshotError::Missing {
                path: path.to_owned(),
            },
            _ => failed("read", path, error),
        })?;
        let mut files = Self {
            caps,
            total: 0,
            by_path: BTreeMap::new(),
        };
        if meta.is_dir() {
            files.load_folder(path)?;
        } else {
            archive::unpack(path, &mut files)?;
        }
        Ok(files)
    }

    pub(crate) fn caps(&self) -> Caps {
        self.caps
    }

    /// Bytes of all files.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.by_path.values().map(|bytes| bytes.len() as u64).sum()
    }

    pub(crate) fn take(&mut self, path: &str) -> Option<Vec<u8>> {
        self.by_path.remove(path)
    }

    pub(crate) fn into_rest(self) -> BTreeMap<String, Vec<u8>> {
        self.by_path
    }

    /// Reads one file of the declared length, refusing it before it is read where it is too long.
    pub(crate) fn add(
        &mut self,
        name: String,
        declared: u64,
        reader: impl Read,
        io_error: impl Fn(io::Error) -> SnapshotError,
    ) -> Result<(), SnapshotError> {
        if declared > self.caps.file_bytes {
            return Err(self.caps.too_long_file(&name));
        }
        self.total = self.total.saturating_add(cost(declared));
        if self.total > self.caps.total_bytes {
            return Err(self.caps.too_much());
        }
        if self.by_path.len() >= self.caps.files {
            return Err(self.caps.too_many_files());
        }
        let mut bytes = Vec::new();
        // One more than declared, so that a file that grows meanwhile is noticed.
        reader
            .take(declared.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(&io_error)?;
        if bytes.len() as u64 != declared {
            return Err(io_error(io::Error::other(
                "its length is not the one declared",
            )));
        }
        if self.by_path.contains_key(&name) {
            return Err(refused(name, "it is there twice"));
        }
        self.by_path.insert(name, bytes);
        Ok(())
    }

    /// `snapshot.json` and what is below `state/`, `recorded-logs/` and `recorded-metrics/`; anything else
    /// beside them is not ours.
    fn load_folder(&mut self, folder: &Path) -> Result<(), SnapshotError> {
        for name in [MANIFEST, "state", logs::FOLDER, metrics::FOLDER] {
            match fs::symlink_metadata(folder.join(name)) {
                Ok(meta) => self.load_entry(folder, name, meta.file_type(), 0)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed("read", &folder.join(name), error)),
            }
        }
        Ok(())
    }

    fn load_entry(
        &mut self,
        folder: &Path,
        name: &str,
        kind: fs::FileType,
        depth: usize,
    ) -> Result<(), SnapshotError> {
        let path = folder.join(name);
        if kind.is_file() {
            let read_error = |error| failed("read", &path, error);
            let file = File::open(&path).map_err(read_error)?;
            let declared = file.metadata().map_err(read_error)?.len();
            return self.add(name.to_owned(), declared, file, read_error);
        }
        if !kind.is_dir() {
            return Err(refused(name, "it is neither a file nor a folder"));
        }
        if depth > 2 {
            return Err(refused(name, "folders are nested too deep"));
        }
        let read_error = |error| failed("read", &path, error);
        for entry in fs::read_dir(&path).map_err(read_error)? {
            let entry = entry.map_err(read_error)?;
            let below = format!("{name}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(read_error)?;
            self.load_entry(folder, &below, kind, depth + 1)?;
        }
        Ok(())
    }
}

pub(crate) fn failed(doing: &'static str, path: &Path, source: io::Error) -> SnapshotError {
    SnapshotError::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

pub(crate) fn refused(entry: impl Into<String>, why: &'static str) -> SnapshotError {
    SnapshotError::Refused {
        entry: entry.into(),
        why,
    }
}
