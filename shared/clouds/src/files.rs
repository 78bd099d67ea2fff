//! Log files on this machine: plain, compressed and rotated ones, as they are found at every call.
//!
//! A path of the inventory stands for the file and the ones it was rotated to; a pattern for what it
//! matches. Links are followed only to where the path itself leads, and only regular files are opened.

mod chunk;
mod decode;
mod head;
mod list;
mod members;
mod names;
mod open;
mod order;
mod packed;
mod plain;
mod pump;
mod seek;
mod stream;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_fleet::LogFiles;
use storex_sources::{
    Limits, LogError, LogFile, LogKind, LogListing, LogRange, LogStream, LogTimes, Logs,
    LogsSource, wall_clock,
};
use tokio::sync::Semaphore;

pub use decode::unpacked;
use list::Known;
use pump::Pump;
use stream::FileStream;

/// Bounds of reading.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Bytes handed out at a time.
    pub chunk_bytes: usize,
    /// Chunks read before they are asked for. A stream holds two more: one being filled, one in use.
    pub chunks_ahead: usize,
    /// Streams read at once; further ones wait.
    pub streams: usize,
}

impl Default for Settings {
    /// 5 MiB a stream.
    fn default() -> Self {
        Self {
            chunk_bytes: 1 << 20,
            chunks_ahead: 3,
            streams: 4,
        }
    }
}

/// The log files of one instance.
#[derive(Debug, Clone)]
pub struct FileLogs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    files: LogFiles,
    zone: TimeZone,
    settings: Settings,
    streams: Arc<Semaphore>,
}

impl FileLogs {
    /// The logs `files` names, whose times without a zone are of `zone`. Nothing is opened yet.
    pub fn new(files: LogFiles, zone: TimeZone, settings: Settings) -> Self {
        Self(Arc::new(Shared {
            files,
            zone,
            streams: Arc::new(Semaphore::new(settings.streams)),
            settings,
        }))
    }
}

impl LogsSource for FileLogs {
    fn open(&self, limits: Limits) -> Box<dyn Logs> {
        Box::new(Reader {
            shared: Arc::clone(&self.0),
            limits,
            known: Arc::default(),
        })
    }

    fn kind(&self) -> &'static str {
        "files"
    }
}

impl Shared {
    fn place(&self, kind: LogKind) -> Result<PathBuf, LogError> {
        let place = match kind {
            LogKind::Slow => &self.files.slow,
            LogKind::Error => &self.files.error,
        };
        place.clone().ok_or(LogError::NotConfigured { kind })
    }
}

/// One call's view. It remembers the files it has listed, so that it knows them again wherever a
/// rotation moves them.
struct Reader {
    shared: Arc<Shared>,
    limits: Limits,
    known: Arc<Mutex<Known>>,
}

/// What a call knows of files, whichever thread asks.
fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reader {
    fn times(&self, kind: LogKind) -> LogTimes {
        LogTimes::new(kind, self.shared.zone.clone())
    }
}

#[async_trait]
impl Logs for Reader {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        let place = self.shared.place(kind)?;
        let (times, known) = (self.times(kind), Arc::clone(&self.known));
        let work = move || lock(&known).list(&place, kind, &times);
        on_blocking_thread(&self.limits, work).await?
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        let place = self.shared.place(file.kind)?;
        let permit = Arc::clone(&self.shared.streams).acquire_owned();
        let permit = within(&self.limits, permit)
            .await?
            .map_err(|_closed| LogError::Cancelled)?;
        let pump = Pump {
            place,
            file: file.clone(),
            range: *range,
            times: self.times(file.kind),
            known: Arc::clone(&self.known),
            settings: self.shared.settings,
        };
        Ok(Box::new(FileStream::start(
            pump,
            self.limits.clone(),
            permit,
        )))
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }

    fn time_zone(&self) -> TimeZone {
        self.shared.zone.clone()
    }

    async fn pause(&self, how_long: Duration) -> Result<(), LogError> {
        within(&self.limits, tokio::time::sleep(how_long)).await
    }
}

/// Waits for `future` as long as the call may go on.
pub(crate) async fn within<T>(
    limits: &Limits,
    future: impl Future<Output = T>,
) -> Result<T, LogError> {
    tokio::select! {
        biased;
        () = limits.cancel.cancelled() => Err(LogError::Cancelled),
        () = tokio::time::sleep_until(limits.deadline.into()) => Err(LogError::Cancelled),
        output = future => Ok(output),
    }
}

/// Files are read by threads of their own: a disk that hangs holds up nobody else.
async fn on_blocking_thread<T: Send + 'static>(
    limits: &Limits,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LogError> {
    within(limits, tokio::task::spawn_blocking(work))
        .await?
        .map_err(|_panicked| LogError::Cancelled)
}

/// An error of the operating system, for a log as a whole.
fn refused(kind: LogKind, error: &io::Error) -> LogError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => LogError::Denied {
            kind,
            remedy: "let the user storex runs as read the file and its folder, such as by its group",
        },
        _ => LogError::NotFound { kind },
    }
}
