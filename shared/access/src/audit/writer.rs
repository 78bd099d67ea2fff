//! The one writer: appends lines, cuts back what was half written, starts new files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::body::{TornBody, UnsyncedBody};
use super::line::{self, Link};
use super::sink::{Sink, open_append};
use super::start::{Start, file_name, head_text};
use super::{AuditError, Options};

pub(super) struct Writer {
    dir: PathBuf,
    rotate_bytes: u64,
    clock: fn() -> Timestamp,
    head: File,
    pub(super) sink: Arc<dyn Sink>,
    /// The length of the whole lines.
    len: u64,
    /// Whether something stands after them.
    ragged: bool,
    pub(super) last: Link,
    /// The last line known to be on disk.
    pub(super) synced: Link,
    /// Why lines do not reach the disk.
    pub(super) sync_failure: Option<String>,
    line: Vec<u8>,
}

impl Writer {
    pub(super) fn start(dir: &Path, options: &Options, start: Start) -> Result<Self, AuditError> {
        let (path, len) = match start.file {
            Some(file) => file,
            None => (dir.join(file_name(start.last.seq + 1)), 0),
        };
        let mut writer = Self {
            dir: dir.to_owned(),
            rotate_bytes: options.rotate_bytes,
            clock: options.clock,
            head: start.head,
            sink: open(&path)?,
            len,
            ragged: false,
            synced: start.last.clone(),
            last: start.last,
            sync_failure: None,
            line: Vec::new(),
        };
        if let Some(torn) = start.torn {
            // The torn line stays; the newline that ends it goes with the note about it.
            let note = TornBody::new(&torn).body()?;
            writer.write_line(b"\n", &note)?;
        }
        Ok(writer)
    }

    /// Appends one line and returns its sequence number. Nothing is left of a line that failed.
    pub(super) fn append(&mut self, body: &[u8]) -> Result<u64, AuditError> {
        if let Some(failure) = &self.sync_failure {
            if self.sink.sync().is_err() {
                return Err(AuditError::Sync(failure.clone()));
            }
            // The system may have dropped what it failed to write: say from where on.
            let note = UnsyncedBody::new(self.synced.seq + 1).body()?;
            self.write_line(b"", &note)?;
            self.sync_failure = None;
        }
        if self.len >= self.rotate_bytes {
            self.rotate()?;
        }
        self.write_line(b"", body)?;
        Ok(self.last.seq)
    }

    fn write_line(&mut self, before: &[u8], body: &[u8]) -> Result<(), AuditError> {
        if self.ragged {
            self.sink.cut(self.len).map_err(AuditError::Write)?;
            self.ragged = false;
        }
        self.line.clear();
        self.line.extend_from_slice(before);
        let link = line::compose(&mut self.line, &self.last, (self.clock)(), body);
        if let Err(error) = self.sink.append(&self.line) {
            self.ragged = self.sink.cut(self.len).is_err();
            return Err(AuditError::Write(error));
        }
        self.len += self.line.len() as u64;
        self.last = link;
        Ok(())
    }

    fn rotate(&mut self) -> Result<(), AuditError> {
        self.sink
            .sync()
            .map_err(|error| AuditError::Sync(error.to_string()))?;
        let sink = open(&self.dir.join(file_name(self.last.seq + 1)))?;
        sync_dir(&self.dir).map_err(AuditError::Write)?;
        self.sink = sink;
        self.len = 0;
        Ok(())
    }

    /// What to sync, and up to where that makes the chain safe.
    pub(super) fn unsynced(&self) -> (Arc<dyn Sink>, Link) {
        (Arc::clone(&self.sink), self.last.clone())
    }

    /// Notes that the chain is on disk up to here.
    pub(super) fn settle(&mut self, link: Link) {
        if link.seq <= self.synced.seq {
            return;
        }
        if let Err(error) = write_head(&self.head, &link) {
            tracing::error!(%error, "audit.head cannot be written; a cut would go unnoticed");
        }
        self.synced = link;
    }
}

fn open(path: &Path) -> Result<Arc<dyn Sink>, AuditError> {
    let file = open_append(path).map_err(|source| AuditError::Open {
        path: path.to_owned(),
        source,
    })?;
    Ok(Arc::new(file))
}

fn write_head(mut head: &File, link: &Link) -> std::io::Result<()> {
    use std::io::{Seek as _, SeekFrom, Write as _};
    // In place and always of one length: the file also carries the lock.
    head.seek(SeekFrom::Start(0))?;
    head.write_all(head_text(link).as_bytes())
}

fn sync_dir(dir: &Path) -> std::io::Result<()> {
    File::open(dir)?.sync_all()
}
