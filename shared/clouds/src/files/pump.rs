//! Reads one file on a blocking thread, and goes on in what the file became when it is rotated
//! meanwhile.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use storex_sources::{Compression, LogError, LogFile, LogRange, LogTimes, UnreadWhy};

use super::list::{Known, Opened};
use super::stream::Outlet;
use super::{Settings, lock, packed, plain, refused};

/// Rotations followed in one reading: more is not a log that can be read.
const MOST_ROTATIONS: u32 = 16;

/// What one stream reads.
pub(super) struct Pump {
    pub(super) place: PathBuf,
    pub(super) file: LogFile,
    pub(super) range: LogRange,
    pub(super) times: LogTimes,
    pub(super) known: Arc<Mutex<Known>>,
    pub(super) settings: Settings,
}

/// How the reading of an open file ended.
pub(super) enum Ended {
    /// All that was asked for was read, or as much as the budget allows.
    Done,
    /// Its content was taken away: what it held from `at` on is elsewhere, or gone.
    Moved {
        /// The first byte not handed out.
        at: u64,
        /// Bytes that were still to be read.
        missing: u64,
    },
}

impl Pump {
    pub(super) fn run(self, mut out: Outlet) -> Result<(), LogError> {
        let mut opened = self.find()?;
        let mut from = self.range.from;
        for _ in 0..=MOST_ROTATIONS {
            let ended = match opened.compression {
                Compression::None => plain::run(&self, &opened, from, &mut out)?,
                _ => packed::run(&self, &opened, from, &mut out)?,
            };
            let Ended::Moved { at, missing } = ended else {
                return Ok(());
            };
            match self.find() {
                Ok(found) if found.head.is_telling() => {
                    out.note(|state| state.rotations += 1);
                    opened = found;
                    from = at;
                }
                Err(LogError::Cancelled) => return Err(LogError::Cancelled),
                _ if missing == 0 => return Ok(()),
                _ => {
                    out.unread(&self.file.name, Some(missing), UnreadWhy::Rotated);
                    return Ok(());
                }
            }
        }
        out.unread(&self.file.name, None, UnreadWhy::Rotated);
        Ok(())
    }

    fn find(&self) -> Result<Opened, LogError> {
        lock(&self.known).find(&self.place, &self.file, &self.times)
    }

    pub(super) fn failed(&self, error: &io::Error) -> LogError {
        if error.kind() == io::ErrorKind::PermissionDenied {
            return refused(self.file.kind, error);
        }
        LogError::Failed {
            file: self.file.name.clone(),
            detail: error.to_string(),
        }
    }
}
