//! A window of the table, a page at a time.

use std::collections::VecDeque;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use storex_sources::{
    LogChunk, LogError, LogFile, LogRange, LogStream, Rows, SourceError, StreamState, Unread,
    UnreadWhy, Value,
};

use super::entry::LoggedRow;
use super::probes::{PAGE, SURVEY};
use super::survey::{Minute, latest};
use super::{Asker, id};

const CHUNK_BYTES: usize = 1 << 20;
/// Statements read of one window.
const MOST_ENTRIES: u64 = 100_000;
/// The server's time for one window.
const MOST_TIME: Duration = Duration::from_secs(20);

/// What is asked for.
pub(super) struct Search {
    file: LogFile,
    from: Value,
    to: Value,
    /// Bytes at the beginning that are not wanted.
    skipped: u64,
    budget_bytes: u64,
}

impl Search {
    pub(super) fn of(file: &LogFile, range: &LogRange) -> Self {
        let at = |moment: Option<Timestamp>, unbounded: &str| {
            let text = moment.map(written);
            Value::Text(text.unwrap_or_else(|| unbounded.to_owned()))
        };
        Self {
            file: file.clone(),
            from: at(
                range.window.map(|window| window.from),
                "1000-01-01 00:00:00",
            ),
            to: at(range.window.map(|window| window.to), "9999-12-31 23:59:59"),
            skipped: range.from,
            budget_bytes: range.budget_bytes,
        }
    }
}

/// As the server writes it in our sessions.
fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

/// Where it stands.
#[derive(PartialEq, Eq)]
enum Stage {
    Begun,
    More,
    Done,
}

/// The entries of a window, read as they are asked for.
pub(super) struct TableStream {
    asker: Asker,
    search: Search,
    stage: Stage,
    /// Of the page that was read last, those not handed out.
    rows: VecDeque<LoggedRow>,
    /// Entries of the window before the next page.
    entries: u64,
    /// The server's time so far.
    spent: Duration,
    /// Where the next byte stands.
    at: u64,
    handed_out: u64,
    /// Of long statements, bytes that are not in the page.
    cut_bytes: u64,
    state: StreamState,
}

impl TableStream {
    pub(super) fn new(asker: Asker, search: Search) -> Self {
        Self {
            asker,
            search,
            stage: Stage::Begun,
            rows: VecDeque::new(),
            entries: 0,
            spent: Duration::ZERO,
            at: 0,
            handed_out: 0,
            cut_bytes: 0,
            state: StreamState {
                // There is no other way to a window.
                read_from_start: true,
                ..StreamState::default()
            },
        }
    }

    fn stop(&mut self, why: UnreadWhy, bytes: Option<u64>) {
        self.unread(why, bytes);
        self.stage = Stage::Done;
    }

    fn unread(&mut self, why: UnreadWhy, bytes: Option<u64>) {
        let file = self.search.file.name.clone();
        self.state.unread.push(Unread { file, bytes, why });
    }

    /// The next entries of the page at hand.
    fn chunk(&mut self) -> Option<LogChunk> {
        let mut text = Vec::new();
        while text.len() < CHUNK_BYTES {
            let Some(row) = self.rows.pop_front() else {
                break;
            };
            let Some(entry) = row.entry() else {
                self.unread(UnreadWhy::Damaged, Some(row.sql_text.len() as u64));
                continue;
            };
            let skipped = self.search.skipped.saturating_sub(self.at);
            let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
            let wanted = entry.as_bytes().get(skipped..).unwrap_or_default();
            if self.handed_out + wanted.len() as u64 > self.search.budget_bytes {
                self.rows.clear();
                self.stop(UnreadWhy::Budget, None);
                break;
            }
            text.extend_from_slice(wanted);
            self.at += entry.len() as u64;
            self.handed_out += wanted.len() as u64;
            self.cut_bytes += row.cut_bytes;
        }
        let length = text.len() as u64;
        (length > 0).then(|| LogChunk {
            offset: self.search.skipped + self.handed_out - length,
            joined: self.handed_out > length,
            bytes: Bytes::from(text),
        })
    }

    /// Reads the next page. What cannot be read in time is given up and told.
    async fn page(&mut self) -> Result<(), LogError> {
        if self.search.file.id == id(None) {
            self.stage = Stage::Done;
            return Ok(());
        }
        if self.entries >= MOST_ENTRIES || self.spent >= MOST_TIME {
            self.stop(UnreadWhy::Costly, None);
            return Ok(());
        }
        let params = [
            self.search.from.clone(),
            self.search.to.clone(),
            Value::UInt(self.entries),
        ];
        let read = match self.asker.ask(&PAGE, &params).await {
            Ok(read) => read,
            Err(error) if self.took_too_long(&error) => {
                self.stop(UnreadWhy::Costly, None);
                return Ok(());
            }
            Err(error) => return Err(self.asker.told(error)),
        };
        self.spent += read.took;
        if id(self.asker.head().await?.first_at.as_deref()) != self.search.file.id {
            let file = self.search.file.name.clone();
            return Err(LogError::Rotated { file });
        }
        let is_first = self.stage == Stage::Begun;
        self.stage = if read.truncated {
            Stage::More
        } else {
            Stage::Done
        };
        // One who goes on with a reading has chosen where it begins.
        if is_first && self.search.skipped == 0 && !self.fits(&read) && self.begin_later().await? {
            return Ok(());
        }
        self.entries += read.rows.len() as u64;
        let rows = read.decode::<LoggedRow>(PAGE.name);
        self.rows = rows.map_err(|error| self.asker.told(error))?.into();
        Ok(())
    }

    fn fits(&self, read: &Rows) -> bool {
        let text = |value: &Value| match value {
            Value::Text(text) => text.len() as u64,
            _ => 8,
        };
        let bytes: u64 = read.rows.iter().flatten().map(text).sum();
        !read.truncated && bytes <= self.search.budget_bytes
    }

    fn took_too_long(&self, error: &SourceError) -> bool {
        match error {
            SourceError::TimedOut { .. } => true,
            SourceError::Cancelled { .. } => !self.asker.is_over(),
            _ => false,
        }
    }

    /// Where the window holds more than is read, moves its beginning so that the latest part is.
    async fn begin_later(&mut self) -> Result<bool, LogError> {
        let params = [self.search.from.clone(), self.search.to.clone()];
        let survey = match self.asker.ask(&SURVEY, &params).await {
            Ok(survey) => survey,
            Err(error) if self.took_too_long(&error) => return Ok(false),
            Err(error) => return Err(self.asker.told(error)),
        };
        self.spent += survey.took;
        let minutes = survey.decode::<Minute>(SURVEY.name);
        let minutes = minutes.map_err(|error| self.asker.told(error))?;
        let budget = self.search.budget_bytes;
        let Some(begin) = latest(&minutes, survey.truncated, MOST_ENTRIES, budget) else {
            return Ok(false);
        };
        let in_all: u64 = minutes.iter().map(|minute| minute.bytes).sum();
        let why = if in_all > budget {
            UnreadWhy::Budget
        } else {
            UnreadWhy::Costly
        };
        self.unread(why, begin.before_bytes);
        self.search.from = Value::Text(written(begin.at));
        self.stage = Stage::More;
        Ok(true)
    }
}

#[async_trait]
impl LogStream for TableStream {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        loop {
            if let Some(chunk) = self.chunk() {
                return Ok(Some(chunk));
            }
            if self.stage == Stage::Done {
                return Ok(None);
            }
            self.page().await?;
        }
    }

    fn state(&self) -> StreamState {
        let mut state = self.state.clone();
        if self.cut_bytes > 0 {
            state.unread.push(Unread {
                file: self.search.file.name.clone(),
                bytes: Some(self.cut_bytes),
                why: UnreadWhy::LongStatements,
            });
        }
        state
    }
}
