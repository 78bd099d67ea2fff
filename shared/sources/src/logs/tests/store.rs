//! A log store in memory that fails as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{
    Compression, Covered, LogChunk, LogError, LogFile, LogKind, LogListing, LogName, LogRange,
    LogStream, Logs, StreamState, Unread, UnreadWhy,
};

/// What happens next.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A request fails.
    Fails(LogError),
    /// The connection is cut after so many bytes of a stream.
    CutAfter(u64),
    /// Bytes are added to the last file, and another file appears, while the first is read to its end.
    Rotates { added: Vec<u8>, next: Vec<u8> },
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) files: Vec<Vec<u8>>,
    pub(super) covered: Vec<Covered>,
    pub(super) in_turn: bool,
    pub(super) events: VecDeque<Event>,
    pub(super) pauses: Vec<Duration>,
    pub(super) opened: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Store(pub(super) Arc<Mutex<Inner>>);

impl Store {
    pub(super) fn of(files: &[&[u8]], events: Vec<Event>) -> Self {
        let inner = Inner {
            files: files.iter().map(|file| file.to_vec()).collect(),
            covered: vec![Covered::default(); files.len()],
            events: events.into(),
            ..Inner::default()
        };
        Self(Arc::new(Mutex::new(inner)))
    }

    pub(super) fn covering(self, seconds: &[(i64, i64)]) -> Self {
        let at = |second| Timestamp::from_second(second).ok();
        self.0.lock().unwrap().covered = seconds
            .iter()
            .map(|(first, last)| Covered {
                first: at(*first),
                last: at(*last),
            })
            .collect();
        self
    }

    fn next_event(&self, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let events = &mut self.0.lock().unwrap().events;
        events
            .front()
            .is_some_and(wanted)
            .then(|| events.pop_front())?
    }
}

#[async_trait]
impl Logs for Store {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        let inner = self.0.lock().unwrap();
        let files = inner.files.iter().enumerate().map(|(id, file)| LogFile {
            name: LogName::new(&format!("slow.log.{id}")).unwrap(),
            id: id.to_string(),
            kind,
            size_bytes: Some(file.len() as u64),
            compression: Compression::None,
            covered: inner.covered.get(id).copied().unwrap_or_default(),
            modified_at: None,
        });
        Ok(LogListing {
            files: files.collect(),
            in_turn: inner.in_turn,
            ..LogListing::default()
        })
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        if let Some(Event::Fails(error)) = self.next_event(|event| matches!(event, Event::Fails(_)))
        {
            return Err(error);
        }
        let mut inner = self.0.lock().unwrap();
        inner.opened.push(file.name.to_string());
        let content = inner.files[file.id.parse::<usize>().unwrap()].clone();
        Ok(Box::new(Stream {
            store: self.clone(),
            file: file.name.clone(),
            content,
            at: range.from,
            handed_out: 0,
            left: range.budget_bytes,
            state: StreamState::default(),
        }))
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    async fn pause(&self, how_long: Duration) -> Result<(), LogError> {
        self.0.lock().unwrap().pauses.push(how_long);
        Ok(())
    }
}

struct Stream {
    store: Store,
    file: LogName,
    content: Vec<u8>,
    at: u64,
    handed_out: u64,
    left: u64,
    state: StreamState,
}

impl Stream {
    fn rotate(&self) {
        let rotates = |event: &Event| matches!(event, Event::Rotates { .. });
        if let Some(Event::Rotates { added, next }) = self.store.next_event(rotates) {
            let mut inner = self.store.0.lock().unwrap();
            inner.files.last_mut().unwrap().extend(added);
            inner.files.push(next);
            inner.covered.clear();
        }
    }
}

#[async_trait]
impl LogStream for Stream {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        let cut =
            |event: &Event| matches!(event, Event::CutAfter(bytes) if *bytes <= self.handed_out);
        if self.store.next_event(cut).is_some() {
            let (file, at) = (self.file.clone(), self.at);
            return Err(LogError::Cut { file, at });
        }
        let from = usize::try_from(self.at).unwrap();
        if from >= self.content.len() {
            self.rotate();
            return Ok(None);
        }
        let to = (from + 7)
            .min(from + usize::try_from(self.left).unwrap())
            .min(self.content.len());
        if from == to {
            self.state.unread.push(Unread {
                file: self.file.clone(),
                bytes: Some((self.content.len() - from) as u64),
                why: UnreadWhy::Budget,
            });
            self.rotate();
            return Ok(None);
        }
        let chunk = LogChunk {
            bytes: Bytes::copy_from_slice(&self.content[from..to]),
            offset: self.at,
            joined: self.handed_out > 0,
        };
        self.at += chunk.bytes.len() as u64;
        self.handed_out += chunk.bytes.len() as u64;
        self.left -= chunk.bytes.len() as u64;
        Ok(Some(chunk))
    }

    fn state(&self) -> StreamState {
        self.state.clone()
    }
}
