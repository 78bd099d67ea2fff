//! Opens files: regular ones only, without waiting, and only where the operator pointed.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What tells a file from another: while both exist, and where the file system keeps the time of
/// creation also from one whose inode it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inode {
    device: u64,
    number: u64,
    created: Option<SystemTime>,
}

impl Inode {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            number: metadata.ino(),
            created: metadata.created().ok(),
        }
    }
}

/// Opens a regular file below `folder`. A link is followed where it leads to a file of that very
/// folder; `None` where it leads elsewhere, or where the file is none.
pub(super) fn open(folder: &Path, name: &str) -> io::Result<Option<(File, Metadata)>> {
    let path = folder.join(name);
    let real = path.canonicalize()?;
    if real.parent() != Some(folder) {
        return Ok(None);
    }
    // Whatever takes its place meanwhile is not followed, and a pipe does not make us wait.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(&real)?;
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// The folder a path of the inventory leads to, and the last part of its name there. A path that is a
/// link stands for the file it leads to.
pub(super) fn resolve(path: &Path) -> io::Result<(PathBuf, String)> {
    let is_link = path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_symlink());
    let path = if is_link {
        path.canonicalize()?
    } else {
        path.to_owned()
    };
    let invalid = || io::Error::from(io::ErrorKind::InvalidInput);
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(invalid)?.to_owned();
    let folder = path.parent().ok_or_else(invalid)?.canonicalize()?;
    Ok((folder, name))
}

/// Fills as much of `buffer` as there is from `offset` on.
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
