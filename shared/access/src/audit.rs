//! The audit log: who asked for what on what, decided how, written before the call runs. Append-only
//! JSON lines, each carrying the hash of the one before, so that a change, a gap or a cut shows.
//!
//! A log is a directory: `audit-<first seq>.jsonl` files and `audit.head`, which holds the last line
//! known to be on disk and is locked by the process that writes.

mod body;
mod error;
mod line;
mod sink;
mod start;
mod sync;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

pub use body::{Begin, Outcome};
pub use error::{AuditError, VerifyError};
pub use verify::{Report, verify};

use body::{EndBody, Salt};
use sync::Shared;
use writer::Writer;

/// When a line must be on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Before the call runs. Calls that begin together share one sync.
    Every,
    /// Soon after: a power cut loses at most this much. A crash of the process loses nothing.
    Group {
        /// The longest a line waits.
        max_delay: Duration,
        /// How many lines wait at most.
        max_records: u64,
    },
    /// When the operating system likes. A crash of the process loses nothing.
    Os,
}

impl Default for Sync {
    fn default() -> Self {
        Self::Group {
            max_delay: Duration::from_millis(50),
            max_records: 1_000,
        }
    }
}

/// How a log is kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// When a line must be on disk.
    pub sync: Sync,
    /// A file that has grown past this many bytes is followed by another.
    pub rotate_bytes: u64,
    /// Keeps argument digests from being guessed by who reads the log; give all servers the same to
    /// compare digests between them. Without one, digests compare within one run of the process.
    pub salt: Option<Vec<u8>>,
    /// The time of a line.
    pub clock: fn() -> Timestamp,
}

impl Options {
    /// The defaults, with this clock.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            sync: Sync::default(),
            rotate_bytes: 64 << 20,
            salt: None,
            clock,
        }
    }
}

/// An open log. Clones write to the same one; it is closed with the last of them and its tickets.
#[derive(Clone)]
pub struct AuditLog {
    shared: Arc<Shared>,
    salt: Salt,
}

impl AuditLog {
    /// Opens the log in a directory, continuing the chain that is there. A line torn by a crash is
    /// kept and noted.
    ///
    /// # Errors
    /// When another process writes to it, the end of the chain is broken or cut off, or the
    /// directory cannot be written.
    pub fn open(dir: &Path, options: Options) -> Result<Self, AuditError> {
        let start = start::open(dir)?;
        let writer = Writer::start(dir, &options, start)?;
        Ok(Self {
            shared: Shared::start(writer, options.sync)?,
            salt: Salt::new(options.salt),
        })
    }

    /// Records that a call is about to run, or is refused. The call may only run once this returned;
    /// under [`Sync::Every`] that is when the line is on disk.
    ///
    /// # Errors
    /// When the line cannot be written: the call must not run. Calls work again once it can.
    pub async fn begin(&self, begin: &Begin<'_>) -> Result<Ticket, AuditError> {
        let body = begin.body(&self.salt)?;
        let line = self.shared.append(&body)?;
        let ticket = Ticket {
            shared: Arc::clone(&self.shared),
            seq: line.seq,
            started: Instant::now(),
            open: true,
        };
        self.shared.settled(line).await?;
        Ok(ticket)
    }

    /// Waits until every line written so far is on disk, whatever the sync rule.
    ///
    /// # Errors
    /// When syncing fails.
    pub async fn flush(&self) -> Result<(), AuditError> {
        self.shared.flush().await
    }
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditLog").finish_non_exhaustive()
    }
}

/// A recorded beginning that waits for its end. Dropped without one, the call was cancelled, and
/// that is recorded.
#[must_use = "a call that began must be recorded as ended"]
pub struct Ticket {
    shared: Arc<Shared>,
    seq: u64,
    started: Instant,
    open: bool,
}

impl Ticket {
    /// The place of the beginning in the log.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Records how the call ended, how long it took, and how many bytes it answered.
    ///
    /// # Errors
    /// When the line cannot be written. The call has run; the beginning stands.
    pub fn end(mut self, outcome: Outcome, bytes: u64) -> Result<(), AuditError> {
        self.write(outcome, bytes)
    }

    fn write(&mut self, outcome: Outcome, bytes: u64) -> Result<(), AuditError> {
        self.open = false;
        let body = EndBody::new(self.seq, outcome, self.started.elapsed(), bytes).body()?;
        self.shared.append(&body).map(|_line| ())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.open
            && let Err(error) = self.write(Outcome::Cancelled, 0)
        {
            tracing::error!(%error, seq = self.seq, "the end of a cancelled call is not recorded");
        }
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket")
            .field("seq", &self.seq)
            .finish_non_exhaustive()
    }
}
