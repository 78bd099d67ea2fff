//! The logs of a snapshot as a source. Its clock stands where the replay starts.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_sources::{
    Compression, Covered, Limits, LogChunk, LogError, LogFile, LogKind, LogListing, LogName,
    LogRange, LogStream, Logs, LogsSource, StreamState, Unread, UnreadWhy,
};

use crate::Replay;
use crate::logs::{RecordedLog, RecordedLogs, kind_of};

/// The logs of a recorded instance. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct ReplayLogs(pub(crate) Replay);

impl LogsSource for ReplayLogs {
    fn open(&self, limits: Limits) -> Box<dyn Logs> {
        Box::new(Reader {
            replay: self.0.clone(),
            limits,
        })
    }

    fn kind(&self) -> &'static str {
        "snapshot"
    }
}

struct Reader {
    replay: Replay,
    limits: Limits,
}

impl Reader {
    fn recorded(&self) -> Option<&RecordedLogs> {
        self.replay.manifest().logs.as_ref()
    }
}

/// Whether the call may go on.
fn check(limits: &Limits) -> Result<(), LogError> {
    if limits.cancel.is_cancelled() || Instant::now() >= limits.deadline {
        return Err(LogError::Cancelled);
    }
    Ok(())
}

#[async_trait]
impl Logs for Reader {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        check(&self.limits)?;
        let recorded = self.recorded().ok_or(LogError::NotCaptured { kind })?;
        let of_kind = |log: &&RecordedLog| kind_of(&log.log) == Some(kind);
        let files = recorded.files.iter().enumerate();
        let files: Vec<LogFile> = files
            .filter(|(_, log)| of_kind(log))
            .filter_map(|(place, log)| {
                Some(LogFile {
                    name: LogName::new(&log.name)?,
                    id: place.to_string(),
                    kind,
                    size_bytes: Some(log.bytes),
                    compression: Compression::None,
                    covered: Covered {
                        first: log.first,
                        last: log.last,
                    },
                    modified_at: None,
                })
            })
            .collect();
        let missing = recorded.missing.iter();
        let mut missing = missing
            .filter(|log| kind_of(&log.log) == Some(kind))
            .peekable();
        // A log that was quiet is there and empty; one that could not be read is not.
        if files.is_empty() && missing.peek().is_some() {
            return Err(LogError::NotCaptured { kind });
        }
        let mut listing = LogListing {
            files,
            ..LogListing::default()
        };
        missing.for_each(|_| listing.leave_out("it was not recorded to its end"));
        Ok(listing)
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        check(&self.limits)?;
        let gone = || LogError::NotCaptured { kind: file.kind };
        let place: usize = file.id.parse().map_err(|_| gone())?;
        let log = self.recorded().and_then(|logs| logs.files.get(place));
        let pieces = log.ok_or_else(gone)?.pieces.clone();
        Ok(Box::new(Stream {
            replay: self.replay.clone(),
            limits: self.limits.clone(),
            file: file.name.clone(),
            pieces: pieces.into_iter(),
            begin: 0,
            range: *range,
            left_bytes: range.budget_bytes,
            expected: None,
            state: StreamState::default(),
        }))
    }

    fn now(&self) -> Timestamp {
        self.replay.starts_at()
    }

    fn time_zone(&self) -> TimeZone {
        self.recorded()
            .map_or(TimeZone::UTC, |logs| logs.time_zone.clone())
    }

    async fn pause(&self, _: Duration) -> Result<(), LogError> {
        check(&self.limits)
    }
}

/// The pieces of a file, in turn. They hold little more than the window that was recorded.
struct Stream {
    replay: Replay,
    limits: Limits,
    file: LogName,
    pieces: std::vec::IntoIter<String>,
    /// Where the next piece begins.
    begin: u64,
    range: LogRange,
    left_bytes: u64,
    expected: Option<u64>,
    state: StreamState,
}

#[async_trait]
impl LogStream for Stream {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        check(&self.limits)?;
        for piece in self.pieces.by_ref() {
            let bytes = self.replay.log_piece(&piece);
            let begin = self.begin;
            let length = bytes.len() as u64;
            self.begin += length;
            let skipped = self.range.from.saturating_sub(begin);
            let Some(wanted) = length.checked_sub(skipped).filter(|wanted| *wanted > 0) else {
                continue;
            };
            let allowed = wanted.min(self.left_bytes);
            if allowed < wanted {
                let (file, why) = (self.file.clone(), UnreadWhy::Budget);
                let bytes = Some(wanted - allowed);
                self.state.unread.push(Unread { file, bytes, why });
            }
            if allowed == 0 {
                continue;
            }
            self.left_bytes -= allowed;
            let cut = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let offset = begin + skipped;
            let joined = self.expected == Some(offset);
            self.expected = Some(offset + allowed);
            let bytes = bytes.slice(cut(skipped)..cut(skipped + allowed));
            return Ok(Some(LogChunk {
                bytes,
                offset,
                joined,
            }));
        }
        Ok(None)
    }

    fn state(&self) -> StreamState {
        self.state.clone()
    }
}

impl Replay {
    /// The logs that were recorded with it.
    pub fn logs(&self) -> ReplayLogs {
        ReplayLogs(self.clone())
    }

    fn log_piece(&self, piece: &str) -> bytes::Bytes {
        self.loaded().log_piece(piece)
    }
}
