//! Snapshots as `.tar.zst`: packing a folder's files, and reading an archive that may be hostile.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::SnapshotError;
use crate::files::{Caps, Files, failed, refused};
use crate::logs::is_log;
use crate::manifest::MANIFEST;
use crate::metrics::is_metrics;

/// zstd's default: on rows of text, higher levels cost much and gain little.
const LEVEL: i32 = 3;

/// Writes the files below `folder` named in `names` as an archive, and nothing about this machine
/// or its user.
pub(crate) fn pack(
    folder: &Path,
    names: &[String],
    mtime_s: u64,
    to: impl Write,
) -> io::Result<()> {
    let mut zstd = zstd::Encoder::new(to, LEVEL)?;
    zstd.include_checksum(true)?;
    let mut tar = tar::Builder::new(zstd);
    for name in names {
        let bytes = fs::read(folder.join(name))?;
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(mtime_s);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_slice())?;
    }
    tar.into_inner()?.finish()?.flush()
}

/// Reads an archive's files. The whole stream is read, so that its checksum is verified and
/// nothing hides behind the end of the tar.
pub(crate) fn unpack(path: &Path, files: &mut Files) -> Result<(), SnapshotError> {
    let broken = |source| SnapshotError::Archive {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(|error| failed("read", path, error))?;
    let caps = files.caps();
    let decoder = zstd::Decoder::new(file).map_err(broken)?;
    let mut stream = Capped {
        inner: decoder,
        left: caps.total_bytes,
        exceeded: false,
    };
    let result = read_entries(&mut stream, caps, files, &broken)
        .and_then(|()| io::copy(&mut stream, &mut io::sink()).map_err(broken));
    // A bomb ends in a read error like any other; this tells which one it was.
    if stream.exceeded {
        return Err(caps.too_much());
    }
    result.map(|_| ())
}

fn read_entries(
    stream: impl Read,
    caps: Caps,
    files: &mut Files,
    broken: &dyn Fn(io::Error) -> SnapshotError,
) -> Result<(), SnapshotError> {
    let mut tar = tar::Archive::new(stream);
    let mut top = None;
    for (count, entry) in tar.entries().map_err(broken)?.enumerate() {
        let entry = entry.map_err(broken)?;
        // Folders are entries too, and a case may keep other files beside the snapshot.
        if count >= caps.files.saturating_mul(2) {
            return Err(caps.too_many_files());
        }
        let name = plain_path(&entry.path_bytes())?;
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(refused(name, "it is neither a file nor a folder"));
        }
        let Some((folder, inner)) = ours(&name) else {
            continue;
        };
        if top.get_or_insert_with(|| folder.to_owned()) != folder {
            return Err(refused(name, "the archive holds more than one snapshot"));
        }
        files.add(inner.to_owned(), entry.size(), entry, broken)?;
    }
    Ok(())
}

/// The entry's path where it is relative and stays inside the archive.
fn plain_path(raw: &[u8]) -> Result<String, SnapshotError> {
    let shown = || String::from_utf8_lossy(raw).into_owned();
    let Ok(path) = str::from_utf8(raw) else {
        return Err(refused(shown(), "its path is not UTF-8"));
    };
    let drive = path.as_bytes().get(1) == Some(&b':');
    if drive || path.starts_with('/') || path.contains(['\\', '\0']) {
        return Err(refused(shown(), "its path is not relative"));
    }
    let parts = || {
        path.split('/')
            .filter(|part| !part.is_empty() && *part != ".")
    };
    if parts().any(|part| part == "..") {
        return Err(refused(shown(), "its path leads outside the snapshot"));
    }
    Ok(parts().collect::<Vec<_>>().join("/"))
}

/// The folder the snapshot lies in (empty, or one that was packed with it) and the path inside the
/// snapshot; `None` for what is no part of it.
fn ours(path: &str) -> Option<(&str, &str)> {
    let inside = |path: &str| {
        path == MANIFEST || path.starts_with("state/") || is_log(path) || is_metrics(path)
    };
    if inside(path) {
        return Some(("", path));
    }
    path.split_once('/').filter(|(_, inner)| inside(inner))
}

/// A reader that fails beyond a number of bytes.
struct Capped<R> {
    inner: R,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(left) = self.left.checked_sub(read as u64) {
            self.left = left;
            Ok(read)
        } else {
            self.exceeded = true;
            Err(io::Error::other("too much data"))
        }
    }
}
