//! A blob of records, turned into the text of a slow log as it is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use storex_sources::{LogChunk, LogError, LogRange, LogStream, StreamState, Unread, UnreadWhy};

use super::fetch::Fetch;
use super::lock;

/// A longer line is no record: statements in records are cut far below.
const LONGEST: usize = 4 << 20;

/// Where a blob was read to: an offset of the text, and the one of the blob that belongs to it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Resume {
    text: u64,
    blob: u64,
}

/// A blob, part by part, as text.
pub(super) struct RecordStream {
    fetch: Fetch,
    resume: Arc<Mutex<HashMap<String, Resume>>>,
    /// The next byte to ask for.
    at: u64,
    /// Of the text handed out next.
    offset: u64,
    /// Of the text, what was handed out before and is not wanted again.
    skip: u64,
    left_bytes: u64,
    /// The beginning of a line whose end has not come.
    held: Vec<u8>,
    is_dropping: bool,
    has_begun: bool,
    has_ended: bool,
    /// Of lines that are no record: before where reading can be taken up again, and after it.
    damaged_bytes: u64,
    unsettled_bytes: u64,
    size: Option<u64>,
    state: StreamState,
}

impl RecordStream {
    pub(super) fn open(
        fetch: Fetch,
        range: LogRange,
        resume: Arc<Mutex<HashMap<String, Resume>>>,
    ) -> Self {
        // The text before an offset can only be told by reading it, or where reading ended there.
        let known = lock(&resume).get(&fetch.file.id).copied();
        let from = known
            .filter(|known| known.text == range.from)
            .unwrap_or_default();
        let read_from_start = range.window.is_some() && from.blob == 0;
        Self {
            fetch,
            resume,
            at: from.blob,
            offset: from.text,
            skip: range.from - from.text,
            left_bytes: range.budget_bytes,
            held: Vec::new(),
            is_dropping: false,
            has_begun: false,
            has_ended: false,
            damaged_bytes: 0,
            unsettled_bytes: 0,
            size: None,
            state: StreamState {
                read_from_start,
                ..StreamState::default()
            },
        }
    }

    /// The text of what is complete. Stops at the budget.
    fn take(&mut self, bytes: &[u8], is_last: bool, text: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
            rest = after;
            let mut whole = std::mem::take(&mut self.held);
            let line = if whole.is_empty() {
                line
            } else {
                whole.extend_from_slice(line);
                &whole
            };
            if !self.line(line, text) {
                self.end_at_budget(line.len() + rest.len());
                return;
            }
        }
        self.held.extend_from_slice(rest);
        if is_last && !self.held.is_empty() {
            self.last_line(text);
        } else if self.held.len() > LONGEST {
            self.unsettled_bytes += self.held.len() as u64;
            self.held.clear();
            self.is_dropping = true;
        }
    }

    /// Adds a line to the text; `false` where it would be more than may be handed out.
    fn line(&mut self, line: &[u8], text: &mut Vec<u8>) -> bool {
        let before = text.len();
        let is_rest = std::mem::take(&mut self.is_dropping);
        if line.trim_ascii().is_empty() {
            return true;
        }
        if is_rest || storex_digest::records::azure(line, text).is_err() {
            self.unsettled_bytes += line.len() as u64;
        }
        if (text.len() as u64).saturating_sub(self.skip) > self.left_bytes {
            text.truncate(before);
            return false;
        }
        true
    }

    /// A blob is written line by line: a last line that is no record may be half of one, and is read again
    /// with its end.
    fn last_line(&mut self, text: &mut Vec<u8>) {
        let line = std::mem::take(&mut self.held);
        let damaged = self.unsettled_bytes;
        let before = text.len();
        if !self.line(&line, text) {
            self.end_at_budget(line.len());
        } else if text.len() == before && self.unsettled_bytes > damaged {
            self.held = line;
        }
    }

    fn end_at_budget(&mut self, unused: usize) {
        let stays = self.at - unused as u64;
        self.state.unread.push(Unread {
            file: self.fetch.file.name.clone(),
            bytes: self.size.map(|size| size.saturating_sub(stays)),
            why: UnreadWhy::Budget,
        });
        self.at = stays;
        self.has_ended = true;
        self.settle();
    }

    /// What was no record so far is not read again.
    fn settle(&mut self) {
        self.damaged_bytes += std::mem::take(&mut self.unsettled_bytes);
    }

    /// The text as a chunk, without what was handed out before.
    fn chunk(&mut self, mut text: Vec<u8>) -> Option<LogChunk> {
        let known = usize::try_from(self.skip)
            .unwrap_or(usize::MAX)
            .min(text.len());
        text.drain(..known);
        self.skip -= known as u64;
        self.offset += known as u64;
        if text.is_empty() {
            return None;
        }
        let offset = self.offset;
        let length = text.len() as u64;
        self.offset += length;
        self.left_bytes = self.left_bytes.saturating_sub(length);
        let reached = Resume {
            text: self.offset,
            blob: self.at - self.held.len() as u64,
        };
        self.settle();
        lock(&self.resume).insert(self.fetch.file.id.clone(), reached);
        Some(LogChunk {
            bytes: text.into(),
            offset,
            joined: std::mem::replace(&mut self.has_begun, true),
        })
    }
}

#[async_trait]
impl LogStream for RecordStream {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        while !self.has_ended {
            let asked = self.fetch.chunk_bytes();
            let part = self
                .fetch
                .range(self.at, asked)
                .await
                .map_err(|error| match error {
                    // Offsets of the seam are of the text.
                    LogError::Cut { file, .. } => LogError::Cut {
                        file,
                        at: self.offset,
                    },
                    other => other,
                })?;
            let length = part.bytes.len() as u64;
            self.at += length;
            self.size = part.total.or(self.size);
            let is_whole = self.size.map_or(length < asked, |size| self.at >= size);
            let is_last = length == 0 || is_whole && !part.is_cut;
            let mut text = Vec::new();
            self.take(&part.bytes, is_last, &mut text);
            if is_last && !self.has_ended {
                self.has_ended = true;
                self.settle();
            }
            if let Some(chunk) = self.chunk(text) {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn state(&self) -> StreamState {
        let mut state = self.state.clone();
        if self.damaged_bytes > 0 {
            state.unread.push(Unread {
                file: self.fetch.file.name.clone(),
                bytes: Some(self.damaged_bytes),
                why: UnreadWhy::Damaged,
            });
        }
        state
    }
}
