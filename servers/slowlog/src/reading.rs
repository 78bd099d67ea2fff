//! A window of the slow log, read from wherever it is and digested as it comes.

use std::thread::available_parallelism;

use jiff::Timestamp;
use storex_digest::{Digest, Options, Pipeline, Unread, Window as Micros};
use storex_sources::{LogChunk, LogKind, Window};
use storex_tool::{Call, LogBounds, ToolError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Threads that digest one log.
const MOST_THREADS: usize = 2;
/// Chunks that wait to be digested.
const CHUNKS_AHEAD: usize = 2;

/// A window of the slow log, digested.
pub(crate) struct Reading {
    /// What was logged in it.
    pub(crate) digest: Digest,
    /// The part of the window the log can tell of: it may begin later.
    pub(crate) covered: Window,
    /// Bytes read.
    pub(crate) bytes: u64,
}

impl Reading {
    /// Length of what the log can tell of.
    pub(crate) fn covered_s(&self) -> f64 {
        let covered = self.covered.to.duration_since(self.covered.from);
        covered.as_secs_f64().max(1e-3)
    }

    /// Whether nothing was logged in the window.
    pub(crate) fn is_empty(&self) -> bool {
        self.digest.totals().figures.entries == 0
    }
}

/// Reads and digests the window; `None` where there is no log to read, which the coverage tells.
pub(crate) async fn read(
    call: &Call,
    window: Window,
    options: Options,
    bounds: LogBounds,
) -> Result<Option<Reading>, ToolError> {
    let logs = call.logs()?;
    let Some(listing) = logs.list(LogKind::Slow).await? else {
        return Ok(None);
    };
    let first = listing.files.first().and_then(|file| file.covered.first);
    let Some(mut log) = logs.read(LogKind::Slow, Some(window), bounds).await? else {
        return Ok(None);
    };
    let (mut digesting, mut bytes) = (Digesting::start(window, options), 0);
    while let Some(chunk) = log.next().await? {
        bytes += chunk.bytes.len() as u64;
        digesting.feed(chunk).await?;
    }
    log.finish();
    let digest = digesting.finish().await?;
    tell(call, digest.unread());
    Ok(Some(Reading {
        covered: covered(window, first),
        digest,
        bytes,
    }))
}

fn covered(window: Window, first: Option<Timestamp>) -> Window {
    let from = first.map_or(window.from, |first| first.clamp(window.from, window.to));
    Window { from, ..window }
}

/// What stands in the log and could not be read joins the coverage.
fn tell(call: &Call, unread: &Unread) {
    let Unread {
        broken_entries,
        broken_bytes,
        head_bytes,
        cut_entries,
        long_statements,
        without_time,
        // Those are not missing: the window leaves them out.
        outside_window: _,
    } = *unread;
    for (count, what, why) in [
        (
            broken_entries,
            "entries of the slow log",
            format!("{broken_entries} ({broken_bytes} bytes) are cut, mingled or garbage"),
        ),
        (
            head_bytes,
            "text before an entry",
            format!("{head_bytes} bytes belong to no entry"),
        ),
        (
            cut_entries,
            "the last entry",
            "it is half-written, or its end is elsewhere".to_owned(),
        ),
        (
            long_statements,
            "long statements",
            format!("of {long_statements} only the first MiB was read"),
        ),
        (
            without_time,
            "entries without a time",
            format!("{without_time} cannot be placed in the window"),
        ),
    ] {
        if count > 0 {
            call.missing(what, why, "");
        }
    }
}

/// Digests on threads of its own what it is fed; dropped, it ends by itself.
struct Digesting {
    chunks: mpsc::Sender<LogChunk>,
    digest: JoinHandle<Digest>,
}

impl Digesting {
    fn start(window: Window, options: Options) -> Self {
        let options = Options {
            window: Some(Micros {
                from_us: window.from.as_microsecond(),
                to_us: window.to.as_microsecond(),
            }),
            ..options
        };
        let (chunks, fed) = mpsc::channel(CHUNKS_AHEAD);
        Self {
            chunks,
            digest: tokio::task::spawn_blocking(move || digest(fed, &options)),
        }
    }

    async fn feed(&mut self, chunk: LogChunk) -> Result<(), ToolError> {
        let fed = self.chunks.send(chunk).await;
        fed.map_err(|_ended| ToolError::internal("the digest ended before the log did"))
    }

    async fn finish(self) -> Result<Digest, ToolError> {
        drop(self.chunks);
        let digest = self.digest.await;
        digest.map_err(|_panicked| ToolError::internal("the digest did not end"))
    }
}

/// No entry spans two chunks that are not joined: each run of joined ones is a log of its own.
fn digest(mut fed: mpsc::Receiver<LogChunk>, options: &Options) -> Digest {
    let threads = available_parallelism().map_or(1, usize::from);
    let begin = || Pipeline::new(options, threads.min(MOST_THREADS));
    let mut whole = Digest::new(options.clone());
    let mut pipeline = begin();
    while let Some(chunk) = fed.blocking_recv() {
        if !chunk.joined {
            whole.merge(&std::mem::replace(&mut pipeline, begin()).finish());
        }
        pipeline.feed(&chunk.bytes);
    }
    whole.merge(&pipeline.finish());
    whole
}
