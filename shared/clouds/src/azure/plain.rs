//! A log file as the server wrote it: from where the window begins, to where the file ended when it was
//! opened.

use async_trait::async_trait;
use jiff::Timestamp;
use storex_sources::{
    Bisection, LogChunk, LogError, LogRange, LogStream, LogTimes, StreamState, Unread, UnreadWhy,
    Window,
};

use super::fetch::Fetch;

/// Bytes in which the first entry is looked for.
const HEAD: u64 = 64 << 10;

/// The end of a file whose length has not been told.
const UNKNOWN: u64 = u64::MAX;

/// A log file, part by part.
pub(super) struct PlainStream {
    fetch: Fetch,
    at: u64,
    end: u64,
    left_bytes: u64,
    has_begun: bool,
    state: StreamState,
}

impl PlainStream {
    pub(super) async fn open(fetch: Fetch, range: LogRange) -> Result<Self, LogError> {
        let mut stream = Self {
            fetch,
            at: range.from,
            end: UNKNOWN,
            left_bytes: range.budget_bytes,
            has_begun: false,
            state: StreamState::default(),
        };
        if let Some(window) = range.window {
            stream.seek(window).await?;
        }
        Ok(stream)
    }

    /// Passes over what lies outside the window, where the times of the file are in order.
    async fn seek(&mut self, window: Window) -> Result<(), LogError> {
        let fetch = &self.fetch;
        let times = LogTimes::new(fetch.file.kind, fetch.shared.zone.clone());
        let head = fetch.range(0, HEAD).await?;
        let is_log = times.first_entry(&head.bytes, true, false).is_some();
        let sought = match head.total.filter(|_| is_log) {
            Some(size) => seek(fetch, &times, window, size).await?,
            None => None,
        };
        let Some((begin, end)) = sought else {
            self.state.read_from_start = head.total != Some(0);
            return Ok(());
        };
        if self.at == 0 {
            let size = head.total.unwrap_or(end);
            self.state.passed_over_bytes = begin + size.saturating_sub(end);
        }
        self.at = self.at.max(begin);
        self.end = end;
        Ok(())
    }
}

/// The offsets between which all entries of the window lie; none where its times are not in order.
async fn seek(
    fetch: &Fetch,
    times: &LogTimes,
    window: Window,
    size: u64,
) -> Result<Option<(u64, u64)>, LogError> {
    let slack = times.slack();
    let from = window.from.checked_sub(slack).unwrap_or(Timestamp::MIN);
    let to = window.to.checked_add(slack).unwrap_or(Timestamp::MAX);
    let begin = halve(fetch, Bisection::new(times.clone(), from, 0, size)).await?;
    let end = Bisection::new(times.clone(), to, begin.begin(), size);
    let end = halve(fetch, end).await?;
    let in_order = begin.in_order() && end.in_order();
    Ok(in_order.then(|| (begin.begin(), end.end())))
}

async fn halve(fetch: &Fetch, mut bisection: Bisection) -> Result<Bisection, LogError> {
    while let Some(span) = bisection.wants() {
        let bytes = fetch.all_of(span.offset, span.length).await?;
        bisection.give(&bytes);
    }
    Ok(bisection)
}

#[async_trait]
impl LogStream for PlainStream {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        if self.at >= self.end {
            return Ok(None);
        }
        let left = self.end - self.at;
        if self.left_bytes == 0 {
            self.state.unread.push(Unread {
                file: self.fetch.file.name.clone(),
                bytes: (self.end < UNKNOWN).then_some(left),
                why: UnreadWhy::Budget,
            });
            self.end = self.at;
            return Ok(None);
        }
        let wanted = left.min(self.left_bytes).min(self.fetch.chunk_bytes());
        let part = self.fetch.range(self.at, wanted).await?;
        let length = part.bytes.len() as u64;
        if self.end == UNKNOWN
            && let Some(total) = part.total
        {
            self.end = total.max(self.at);
        }
        if length == 0 {
            // It was written anew, and holds less than was said.
            if self.end < UNKNOWN && self.end > self.at {
                self.state.unread.push(Unread {
                    file: self.fetch.file.name.clone(),
                    bytes: Some(self.end - self.at),
                    why: UnreadWhy::Rotated,
                });
            }
            self.end = self.at;
            return Ok(None);
        }
        let chunk = LogChunk {
            bytes: part.bytes,
            offset: self.at,
            joined: std::mem::replace(&mut self.has_begun, true),
        };
        self.at += length;
        self.left_bytes -= length;
        Ok(Some(chunk))
    }

    fn state(&self) -> StreamState {
        self.state.clone()
    }
}
