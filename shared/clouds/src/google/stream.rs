//! The text of one object, as its bytes come. Where it stops early, its work is kept for the stream
//! that goes on with it: what was converted is not read again.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use storex_sources::{
    Limits, LogChunk, LogError, LogFile, LogRange, LogStream, StreamState, Unread, UnreadWhy,
    Window,
};
use tokio::sync::OwnedSemaphorePermit;

use super::client::{Body, Object, Trouble};
use super::convert::{Converter, Wanted};
use super::{Memory, Shared, lock};
use crate::files::within;

/// How far the reading of an object has come.
#[derive(Debug)]
pub(super) struct Work {
    converter: Converter,
    /// Text that is handed out next.
    ready: Bytes,
    /// Text behind it.
    out: Vec<u8>,
    /// Of the first byte that was not handed out, in the text of the object.
    offset: u64,
    /// The object was read to its end.
    is_read: bool,
}

impl Work {
    /// Whether a stream of `range` goes on where this stopped.
    pub(super) fn goes_on_at(&self, range: &LogRange) -> bool {
        range.from == self.offset && self.converter.wants(range.window)
    }
}

pub(super) struct ObjectStream {
    shared: Arc<Shared>,
    limits: Limits,
    call: Arc<Mutex<Memory>>,
    file: LogFile,
    object: Object,
    /// Given away when the stream ends.
    work: Option<Work>,
    body: Option<Body>,
    /// Text before this offset is not wanted.
    from: u64,
    left_bytes: u64,
    /// Where the next chunk must begin to follow on the last.
    expected: Option<u64>,
    state: StreamState,
    _permit: OwnedSemaphorePermit,
}

impl ObjectStream {
    pub(super) fn new(
        shared: Arc<Shared>,
        limits: Limits,
        call: Arc<Mutex<Memory>>,
        file: LogFile,
        object: Object,
        range: &LogRange,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let new = |number| {
            let wanted = Wanted {
                database: shared.logs.database.clone(),
                window: range.window,
            };
            let order_bytes = shared.settings.order_bytes;
            Work {
                converter: Converter::new(wanted, number, file.kind, order_bytes),
                ready: Bytes::new(),
                out: Vec::new(),
                offset: 0,
                is_read: false,
            }
        };
        let work = lock(&call).work_on(&file, range, new);
        let state = StreamState {
            read_from_start: range.window.is_some_and(|window| is_part(&file, window)),
            ..StreamState::default()
        };
        Self {
            shared,
            limits,
            call,
            file,
            object,
            work: Some(work),
            body: None,
            from: range.from,
            left_bytes: range.budget_bytes,
            expected: None,
            state,
            _permit: permit,
        }
    }

    /// Reads on until there is a chunk of text, or the object ends.
    async fn fill(&mut self, work: &mut Work) -> Result<(), LogError> {
        while !work.is_read && work.out.len() < self.shared.settings.chunk_bytes {
            match self.bytes(work.converter.taken_bytes).await? {
                Ok(Some(bytes)) => {
                    let seen = &mut lock(&self.call).seen;
                    work.converter.feed(&bytes, seen, &mut work.out);
                }
                Ok(None) => {
                    let seen = &mut lock(&self.call).seen;
                    work.converter.finish(seen, &mut work.out);
                    work.is_read = true;
                }
                Err(trouble) => {
                    self.body = None;
                    return self.stop(work, trouble);
                }
            }
            self.pass_over_unwanted(work);
        }
        Ok(())
    }

    /// The next bytes of the object, from `at` on.
    async fn bytes(&mut self, at: u64) -> Result<Result<Option<Bytes>, Trouble>, LogError> {
        let idle = self.shared.settings.idle;
        if self.body.is_none() {
            // A range that begins at the end is refused.
            if at > 0 && self.file.size_bytes == Some(at) {
                return Ok(Ok(None));
            }
            // The crate's future is a large one.
            let open = Box::pin(self.shared.store.open(&self.object, at));
            let open = tokio::time::timeout(idle, open);
            match within(&self.limits, open).await? {
                Ok(Ok(body)) => self.body = Some(body),
                Ok(Err(trouble)) => return Ok(Err(trouble)),
                Err(_elapsed) => return Ok(Err(Trouble::Cut)),
            }
        }
        let Some(body) = &mut self.body else {
            return Ok(Ok(None));
        };
        let next = tokio::time::timeout(idle, body.next());
        let next = within(&self.limits, next).await?;
        Ok(next.unwrap_or(Err(Trouble::Cut)))
    }

    /// What to do when the object cannot be read on: what may get better is an error, for another
    /// attempt; for what will not, the rest is unread.
    fn stop(&mut self, work: &mut Work, trouble: Trouble) -> Result<(), LogError> {
        let why = match trouble {
            Trouble::Cut => {
                return Err(LogError::Cut {
                    file: self.file.name.clone(),
                    at: work.offset,
                });
            }
            Trouble::Throttled(retry_in) => return Err(LogError::Throttled { retry_in }),
            Trouble::Denied(remedy) if work.converter.taken_bytes == 0 => {
                let kind = self.file.kind;
                return Err(LogError::Denied { kind, remedy });
            }
            Trouble::Denied(_) => UnreadWhy::Denied,
            Trouble::Gone => UnreadWhy::Rotated,
            Trouble::Damaged => UnreadWhy::Damaged,
            Trouble::Unreachable => UnreadWhy::Unreachable,
            Trouble::Failed(detail) => {
                tracing::warn!(file = %self.file.name, detail, "an object could not be read");
                UnreadWhy::Failed
            }
        };
        let half = work.converter.give_up(&mut work.out);
        let rest = self.rest_bytes(work).map(|rest| rest + half);
        self.unread(rest, why);
        work.is_read = true;
        Ok(())
    }

    /// Bytes of the object that were not read.
    fn rest_bytes(&self, work: &Work) -> Option<u64> {
        let size = self.file.size_bytes?;
        Some(size.saturating_sub(work.converter.taken_bytes))
    }

    fn unread(&mut self, bytes: Option<u64>, why: UnreadWhy) {
        let bytes = bytes.filter(|bytes| *bytes > 0);
        let file = self.file.name.clone();
        self.state.unread.push(Unread { file, bytes, why });
    }

    /// Text that an earlier stream handed out, where its work was not kept.
    fn pass_over_unwanted(&self, work: &mut Work) {
        let unwanted = usize::try_from(self.from.saturating_sub(work.offset)).unwrap_or(usize::MAX);
        let unwanted = unwanted.min(work.out.len());
        work.out.drain(..unwanted);
        work.offset += unwanted as u64;
    }

    fn chunk(&mut self, work: &mut Work) -> Option<LogChunk> {
        if work.ready.is_empty() {
            work.ready = Bytes::from(std::mem::take(&mut work.out));
        }
        let most = usize::try_from(self.left_bytes).unwrap_or(usize::MAX);
        let most = most.min(self.shared.settings.chunk_bytes.max(1));
        let length = work.ready.len().min(most);
        if length == 0 {
            return None;
        }
        let bytes = work.ready.split_to(length);
        let chunk = LogChunk {
            bytes,
            offset: work.offset,
            joined: self.expected == Some(work.offset),
        };
        work.offset += length as u64;
        self.expected = Some(work.offset);
        self.left_bytes -= length as u64;
        Some(chunk)
    }

    /// Says what was left at the end, and keeps the work for a stream that goes on with it.
    fn end(&mut self, mut work: Work) {
        if !work.is_read || !work.ready.is_empty() {
            // Text that waits is of bytes that were read; of how many cannot be told.
            let waits = !work.ready.is_empty() || work.converter.holds_text();
            let rest = self.rest_bytes(&work).filter(|_| !waits);
            self.unread(rest, UnreadWhy::Budget);
        }
        let unusable = work.converter.unusable();
        if unusable.no_entries > 0 {
            self.unread(Some(unusable.no_entries), UnreadWhy::Damaged);
        }
        if unusable.out_of_order > 0 {
            self.unread(Some(unusable.out_of_order), UnreadWhy::OutOfOrder);
        }
        self.keep(work);
    }

    fn keep(&mut self, work: Work) {
        self.body = None;
        lock(&self.call).parked.insert(self.file.id.clone(), work);
    }
}

#[async_trait]
impl LogStream for ObjectStream {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        let Some(mut work) = self.work.take() else {
            return Ok(None);
        };
        if self.left_bytes > 0
            && work.ready.is_empty()
            && let Err(error) = self.fill(&mut work).await
        {
            self.keep(work);
            return Err(error);
        }
        let chunk = self.chunk(&mut work);
        if chunk.is_some() {
            self.work = Some(work);
        } else {
            self.end(work);
        }
        Ok(chunk)
    }

    fn state(&self) -> StreamState {
        self.state.clone()
    }
}

/// Whether a window wants only part of what a file covers.
fn is_part(file: &LogFile, window: Window) -> bool {
    let covered = file.covered;
    covered.first.is_none_or(|first| window.from > first)
        || covered.last.is_none_or(|last| window.to <= last)
}
