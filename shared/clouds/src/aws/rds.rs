//! Log files on the database host, through the API of RDS.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use storex_sources::{
    LogChunk, LogError, LogFile, LogKind, LogListing, LogName, LogRange, LogStream, LogTimes,
    StreamState, Unread, UnreadWhy, wall_clock,
};

use super::error::{MAY_NOT_READ_FILES, Trouble};
use super::listing::{Listed, name_contains};
use super::portion::{self, BEGINNING, Binary, Next, Pace, Verdict};
use super::{Opened, lock};

/// Pages of the listing read at most: 100 names each, of hourly files of some weeks.
const MOST_PAGES: usize = 50;
/// Portions in turn that say there is more and hold nothing.
const MOST_EMPTY: u32 = 8;

/// The files of a log.
pub(super) async fn list(opened: &Opened, kind: LogKind) -> Result<LogListing, LogError> {
    let clients = opened.clients().await?;
    let mut listed = Vec::new();
    let mut marker = None;
    for _ in 0..MOST_PAGES {
        let call = clients
            .rds
            .describe_db_log_files()
            .db_instance_identifier(&opened.place.instance)
            .filename_contains(name_contains(kind))
            .max_records(100)
            .set_marker(marker);
        let page = opened.call(Box::pin(call.send())).await?;
        let page = page.map_err(|error| Trouble::of(&error).of_log(kind, MAY_NOT_READ_FILES))?;
        listed.extend(page.describe_db_log_files().iter().filter_map(|file| {
            Some(Listed {
                name: file.log_file_name.clone()?,
                size_bytes: u64::try_from(file.size?).ok()?,
                last_written: Timestamp::from_millisecond(file.last_written?).ok()?,
            })
        }));
        marker = page.marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            break;
        }
    }
    let mut known = lock(&opened.known);
    let listing = known.rotations.list(kind, &listed, wall_clock());
    if listing.files.is_empty() {
        return Err(LogError::NotFound { kind });
    }
    Ok(listing)
}

/// A file in portions.
pub(super) struct Portions {
    opened: Arc<Opened>,
    file: LogFile,
    times: LogTimes,
    /// Entries from here on are not wanted.
    until: Option<Timestamp>,
    left_bytes: u64,
    pace: Pace,
    marker: String,
    /// Where the text that `marker` leads to begins.
    offset: u64,
    /// Text before this is not wanted.
    from: u64,
    /// Where the next chunk must begin to follow on the last.
    expected: Option<u64>,
    empty: u32,
    done: bool,
    state: StreamState,
}

/// A portion that was read.
struct Portion {
    text: String,
    marker: Option<String>,
    more: bool,
}

impl Portions {
    pub(super) fn new(opened: Arc<Opened>, file: &LogFile, range: &LogRange) -> Self {
        let known = lock(&opened.known).checkpoints.before(&file.id, range.from);
        let (offset, marker) = known.unwrap_or_else(|| (0, BEGINNING.to_owned()));
        let times = LogTimes::new(file.kind, opened.zone.clone());
        let until = range.window.map(|window| {
            let to = window.to.checked_add(times.slack());
            to.unwrap_or(Timestamp::MAX)
        });
        Self {
            opened,
            file: file.clone(),
            times,
            until,
            left_bytes: range.budget_bytes,
            pace: Pace::default(),
            marker,
            offset,
            from: range.from,
            expected: None,
            empty: 0,
            done: false,
            state: StreamState {
                read_from_start: range.window.is_some(),
                ..StreamState::default()
            },
        }
    }

    async fn portion(&self) -> Result<Result<Portion, Trouble>, LogError> {
        let clients = self.opened.clients().await?;
        let call = clients
            .rds
            .download_db_log_file_portion()
            .db_instance_identifier(&self.opened.place.instance)
            .log_file_name(self.file.name.as_str())
            .number_of_lines(self.pace.lines())
            .marker(&self.marker);
        let answer = self.opened.call(Box::pin(call.send())).await?;
        Ok(answer
            .map(|answer| Portion {
                text: answer.log_file_data.unwrap_or_default(),
                marker: answer.marker,
                more: answer.additional_data_pending.unwrap_or(false),
            })
            .map_err(|error| Trouble::of(&error)))
    }

    /// RDS refuses to show what it takes for binary.
    fn pass_over(&mut self) -> Result<(), LogError> {
        match self.pace.binary() {
            Binary::Again => Ok(()),
            Binary::PassOver(bytes) => {
                let Some(marker) = portion::ahead(&self.marker, bytes) else {
                    return self.give_up();
                };
                self.unread(Some(bytes), UnreadWhy::Failed);
                self.marker = marker;
                self.offset += bytes;
                self.expected = None;
                Ok(())
            }
            Binary::GiveUp => self.give_up(),
        }
    }

    fn give_up(&self) -> Result<(), LogError> {
        let trouble = Trouble::Binary;
        Err(trouble.of_file(
            self.file.kind,
            MAY_NOT_READ_FILES,
            &self.file.name,
            self.offset,
        ))
    }

    /// Takes a portion: what is to be handed out of it.
    fn take(&mut self, portion: &Portion) -> Option<LogChunk> {
        let text = match self.pace.judge(&portion.text) {
            Verdict::Again => return None,
            Verdict::Whole(text) => text,
            Verdict::CutLine(text) => {
                tracing::warn!(file = %self.file.name, "RDS cut a line that is longer than it gives out");
                self.unread(None, UnreadWhy::Failed);
                text
            }
        };
        let start = self.offset;
        let bytes = text.len() as u64;
        let cut = text.len() < portion.text.len();
        self.offset += bytes;
        let next = portion::next(&self.marker, portion.marker.as_deref(), bytes);
        self.empty = if text.is_empty() { self.empty + 1 } else { 0 };
        // With text before it, a marker of the beginning says that a rotation was met, not where it ended.
        let rotated = portion.marker.as_deref() == Some(BEGINNING) && bytes > 0;
        self.done = !(portion.more || rotated) || self.empty >= MOST_EMPTY;
        self.go_on(next);
        let chunk = self.wanted(text, start);
        if cut {
            self.expected = None;
        }
        chunk
    }

    fn go_on(&mut self, next: Next) {
        let mut known = lock(&self.opened.known);
        match next {
            Next::Marker(marker) => {
                self.done |= marker == self.marker;
                if let Some(hour) = portion::hour(&marker) {
                    known.rotations.is_of_hour(&self.file.id, hour);
                }
                known.checkpoints.add(&self.file.id, self.offset, &marker);
                self.marker = marker;
            }
            Next::Ended => {
                known.rotations.has_ended(&self.file.id);
                self.done = true;
            }
        }
    }

    /// The part of `text`, which begins at `start`, that is wanted and may be handed out.
    fn wanted(&mut self, text: &str, start: u64) -> Option<LogChunk> {
        let text = text.as_bytes();
        let first = usize::try_from(self.from.saturating_sub(start)).unwrap_or(usize::MAX);
        let late = self.until.and_then(|until| {
            let entry = self.times.first_entry(text, start == 0, false)?;
            (entry.time >= until).then_some(entry.start)
        });
        let end = late.unwrap_or(text.len());
        let allowed = usize::try_from(self.left_bytes).unwrap_or(usize::MAX);
        let last = end.min(first.saturating_add(allowed));
        let size = self.file.size_bytes.unwrap_or(0);
        if last < end {
            self.unread(
                Some(size.saturating_sub(start + last as u64)),
                UnreadWhy::Budget,
            );
            self.done = true;
        } else if late.is_some() {
            self.state.passed_over_bytes += size.saturating_sub(start + last as u64);
            self.done = true;
        }
        let bytes = text.get(first..last).filter(|bytes| !bytes.is_empty())?;
        let offset = start + first as u64;
        let joined = self.expected == Some(offset);
        self.expected = Some(offset + bytes.len() as u64);
        self.left_bytes -= bytes.len() as u64;
        Some(LogChunk {
            bytes: Bytes::copy_from_slice(bytes),
            offset,
            joined,
        })
    }

    fn unread(&mut self, bytes: Option<u64>, why: UnreadWhy) {
        let file: LogName = self.file.name.clone();
        self.state.unread.push(Unread { file, bytes, why });
    }
}

#[async_trait]
impl LogStream for Portions {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        while !self.done {
            let chunk = match self.portion().await? {
                Ok(portion) => self.take(&portion),
                Err(Trouble::Binary) => {
                    self.pass_over()?;
                    None
                }
                Err(trouble) => {
                    let at = self.offset.max(self.from);
                    return Err(trouble.of_file(
                        self.file.kind,
                        MAY_NOT_READ_FILES,
                        &self.file.name,
                        at,
                    ));
                }
            };
            if chunk.is_some() {
                return Ok(chunk);
            }
        }
        Ok(None)
    }

    fn state(&self) -> StreamState {
        self.state.clone()
    }
}
