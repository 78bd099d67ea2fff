//! Logs in a snapshot: the bytes a window of them had, as the server wrote them. They hold literals,
//! so that a recording leaves them out unless it is told to keep them.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use storex_sources::{
    LogError, LogKind, LogName, LogReport, LogTimes, Logs, LogsSource, Window, WindowRead,
};

use crate::SnapshotError;
use crate::draft::Draft;
use crate::manifest::{MANIFEST, invalid};

/// The folder of their bytes.
pub(crate) const FOLDER: &str = "recorded-logs";
/// Bytes of one file of the snapshot.
const PIECE_BYTES: usize = 4 << 20;

/// Which logs to keep.
pub struct LogsPlan<'a> {
    /// Where they are.
    pub source: &'a dyn LogsSource,
    /// How far back from the start of the recording.
    pub back: Duration,
    /// Bytes of each log at most; the oldest come first.
    pub bytes_each: u64,
    /// How long reading one may take.
    pub deadline: Duration,
}

/// The logs of a snapshot, as `snapshot.json` lists them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedLogs {
    /// The window they were read for.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// The zone of times the server wrote without one.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub time_zone: TimeZone,
    /// Parts of files, in the order of their content.
    pub files: Vec<RecordedLog>,
    /// What could not be kept, and why.
    pub missing: Vec<MissingLog>,
}

/// Part of a log file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedLog {
    /// `slow` or `error`.
    pub log: String,
    /// The file's name on the server.
    pub name: String,
    /// The times of its entries, where they tell any.
    pub first: Option<Timestamp>,
    /// The last of them.
    pub last: Option<Timestamp>,
    /// How many bytes there are.
    pub bytes: u64,
    /// The files of the snapshot that hold them, in turn.
    pub pieces: Vec<String>,
}

/// A log, or some of it, that could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingLog {
    /// `slow` or `error`.
    pub log: String,
    /// Why, for a person.
    pub why: String,
}

/// Whether a file of a snapshot holds bytes of a log.
pub(crate) fn is_log(file: &str) -> bool {
    file.strip_prefix(FOLDER)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The log that is called so.
pub(crate) fn kind_of(log: &str) -> Option<LogKind> {
    LogKind::ALL.into_iter().find(|kind| kind.as_str() == log)
}

impl RecordedLogs {
    /// Every file of the snapshot it names, once.
    pub(crate) fn check(&self) -> Result<(), SnapshotError> {
        let wrong = |why: String| Err(invalid(MANIFEST, why));
        if self.from > self.to {
            return wrong("`logs` end before they begin".to_owned());
        }
        for log in &self.files {
            if kind_of(&log.log).is_none() {
                return wrong(format!("there is no log {:?}", log.log));
            }
            if LogName::new(&log.name).is_none() {
                return wrong(format!("a log is named {:?}", log.name));
            }
        }
        match self.missing.iter().find(|log| kind_of(&log.log).is_none()) {
            Some(missing) => wrong(format!("there is no log {:?}", missing.log)),
            None => Ok(()),
        }
    }
}

/// Takes the logs into a draft. What cannot be read is said and stops nothing.
pub(crate) async fn record(
    plan: &LogsPlan<'_>,
    began: Timestamp,
    logs: &dyn Logs,
    draft: &mut Draft,
) -> Result<RecordedLogs, SnapshotError> {
    let back = SignedDuration::try_from(plan.back).unwrap_or(SignedDuration::MAX);
    let window = Window {
        from: began.checked_sub(back).unwrap_or(Timestamp::MIN),
        to: logs.now().max(began),
    };
    let mut taken = RecordedLogs {
        from: window.from,
        to: window.to,
        time_zone: logs.time_zone(),
        files: Vec::new(),
        missing: Vec::new(),
    };
    for kind in LogKind::ALL {
        let mut parts = Parts {
            kind,
            times: LogTimes::new(kind, logs.time_zone()),
            draft: &mut *draft,
            taken: &mut taken,
        };
        let ended = parts.take(logs, window, plan.bytes_each).await?;
        let why = match ended {
            Err(LogError::Cancelled) => return Err(SnapshotError::Cancelled),
            // A log the inventory does not name is not missed.
            Err(LogError::NotConfigured { .. }) => Vec::new(),
            Err(error) => vec![error.to_string()],
            Ok(report) => report
                .unread
                .iter()
                .map(|unread| format!("{}: {}", unread.file, unread.why))
                .collect(),
        };
        let log = kind.as_str();
        taken.missing.extend(why.into_iter().map(|why| MissingLog {
            log: log.to_owned(),
            why,
        }));
    }
    Ok(taken)
}

/// One log on its way into the draft.
struct Parts<'a> {
    kind: LogKind,
    times: LogTimes,
    draft: &'a mut Draft,
    taken: &'a mut RecordedLogs,
}

impl Parts<'_> {
    /// The outer error is the draft's, the inner one the log's.
    async fn take(
        &mut self,
        logs: &dyn Logs,
        window: Window,
        budget: u64,
    ) -> Result<Result<LogReport, LogError>, SnapshotError> {
        let opened = WindowRead::open(logs, self.kind, Some(window), budget).await;
        let mut read = match opened {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let mut piece = Vec::new();
        loop {
            let chunk = match read.next().await {
                Ok(chunk) => chunk,
                Err(error) => return Ok(Err(error)),
            };
            let begins = chunk.as_ref().is_none_or(|chunk| !chunk.joined);
            if begins || piece.len() >= PIECE_BYTES {
                self.write(&piece)?;
                piece.clear();
            }
            let Some(chunk) = chunk else {
                return Ok(Ok(read.into_report()));
            };
            if begins {
                let name = read.report().files.last().map(|file| file.name.to_string());
                self.taken.files.push(RecordedLog {
                    log: self.kind.as_str().to_owned(),
                    name: name.unwrap_or_default(),
                    first: None,
                    last: None,
                    bytes: 0,
                    pieces: Vec::new(),
                });
            }
            piece.extend_from_slice(&chunk.bytes);
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let number = self.taken.files.len();
        let Some(log) = self.taken.files.last_mut().filter(|_| !bytes.is_empty()) else {
            return Ok(());
        };
        let piece = format!("{FOLDER}/{number:03}-{:03}.log", log.pieces.len() + 1);
        let whole_lines = log.pieces.is_empty();
        if log.first.is_none() {
            let first = self.times.first_entry(bytes, whole_lines, true);
            log.first = first.map(|entry| entry.time);
        }
        log.last = self.times.last_time(bytes).or(log.last).or(log.first);
        log.bytes += bytes.len() as u64;
        log.pieces.push(piece.clone());
        self.draft.write_beside(piece, bytes)
    }
}
