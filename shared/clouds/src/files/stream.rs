//! A stream of a file: a thread of its own reads ahead by a few chunks and stops when nobody listens.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use storex_sources::{
    Limits, LogChunk, LogError, LogName, LogStream, StreamState, Unread, UnreadWhy,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;

use super::chunk::{Buffer, Pool};
use super::pump::Pump;
use super::within;

/// The listening side.
pub(super) struct FileStream {
    chunks: mpsc::Receiver<LogChunk>,
    state: Arc<Mutex<StreamState>>,
    limits: Limits,
    file: LogName,
    reader: Option<JoinHandle<Result<(), LogError>>>,
}

/// The reading side.
pub(super) struct Outlet {
    chunks: mpsc::Sender<LogChunk>,
    state: Arc<Mutex<StreamState>>,
    limits: Limits,
    pool: Arc<Pool>,
    left_bytes: u64,
    /// Where the next chunk must begin to follow on the last.
    expected: Option<u64>,
    _permit: OwnedSemaphorePermit,
}

impl FileStream {
    pub(super) fn start(pump: Pump, limits: Limits, permit: OwnedSemaphorePermit) -> Self {
        let settings = pump.settings;
        let (sender, chunks) = mpsc::channel(settings.chunks_ahead.max(1));
        let state: Arc<Mutex<StreamState>> = Arc::default();
        let file = pump.file.name.clone();
        let outlet = Outlet {
            chunks: sender,
            state: Arc::clone(&state),
            limits: limits.clone(),
            pool: Pool::new(settings.chunk_bytes.max(1)),
            left_bytes: pump.range.budget_bytes,
            expected: None,
            _permit: permit,
        };
        let reader = tokio::task::spawn_blocking(move || pump.run(outlet));
        Self {
            chunks,
            state,
            limits,
            file,
            reader: Some(reader),
        }
    }
}

#[async_trait]
impl LogStream for FileStream {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        if let Some(chunk) = within(&self.limits, self.chunks.recv()).await? {
            return Ok(Some(chunk));
        }
        let Some(reader) = self.reader.take() else {
            return Ok(None);
        };
        let ended = within(&self.limits, reader).await?;
        ended.unwrap_or_else(|panicked| {
            Err(LogError::Failed {
                file: self.file.clone(),
                detail: panicked.to_string(),
            })
        })?;
        Ok(None)
    }

    fn state(&self) -> StreamState {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clone()
    }
}

impl Outlet {
    pub(super) fn buffer(&self) -> Buffer {
        self.pool.take()
    }

    pub(super) fn left_bytes(&self) -> u64 {
        self.left_bytes
    }

    /// Waits until the chunk can be taken.
    ///
    /// # Errors
    /// When nobody listens any more.
    pub(super) fn send(&mut self, bytes: Bytes, offset: u64) -> Result<(), LogError> {
        let length = bytes.len() as u64;
        let chunk = LogChunk {
            bytes,
            offset,
            joined: self.expected == Some(offset),
        };
        self.expected = Some(offset + length);
        self.left_bytes = self.left_bytes.saturating_sub(length);
        self.chunks
            .blocking_send(chunk)
            .map_err(|_nobody| LogError::Cancelled)?;
        self.check()
    }

    /// # Errors
    /// When the call must stop.
    pub(super) fn check(&self) -> Result<(), LogError> {
        let stopped = self.limits.cancel.is_cancelled()
            || self.chunks.is_closed()
            || Instant::now() >= self.limits.deadline;
        if stopped {
            return Err(LogError::Cancelled);
        }
        Ok(())
    }

    pub(super) fn unread(&self, file: &LogName, bytes: Option<u64>, why: UnreadWhy) {
        let file = file.clone();
        self.note(|state| state.unread.push(Unread { file, bytes, why }));
    }

    pub(super) fn note(&self, change: impl FnOnce(&mut StreamState)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
