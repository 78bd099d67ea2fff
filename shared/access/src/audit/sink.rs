//! What lines are written to: a file, and in tests a file that fails.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// An append-only file.
pub(super) trait Sink: Send + Sync {
    /// Appends all of it, or fails having appended some.
    fn append(&self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts back to this length.
    fn cut(&self, len: u64) -> io::Result<()>;
    /// Waits until what was appended is on disk.
    fn sync(&self) -> io::Result<()>;
}

impl Sink for File {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self;
        file.write_all(bytes)
    }

    fn cut(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Readable by its owner only, where the system knows owners.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

pub(super) fn open_append(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true).create(true)).open(path)
}
