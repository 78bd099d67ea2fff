//! Taking samples: every read in turn, whatever the others do, within the sample's deadline.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use storex_sources::{Limits, MySql, MySqlSource, Rows, Server, SourceError, Value};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::capture::Capture;
use crate::draft::Draft;
use crate::failure::Failure;
use crate::items::Item;
use crate::manifest::broken;
use crate::{Progress, Read, Recording, SnapshotError};

/// How long a read that was stopped may take to let go of its connection.
const GRACE: Duration = Duration::from_secs(2);

/// One sample's captures, and its time.
pub(crate) struct Taken {
    /// File names below the sample's folder, and texts.
    pub(crate) captures: Vec<(String, String)>,
    /// When the last of them had been read.
    pub(crate) at: Timestamp,
}

/// The recording's view of its source.
pub(crate) struct Session<'a> {
    source: &'a dyn MySqlSource,
    recording: &'a Recording<'a>,
    /// When even a recording in which everything is slow has ended.
    deadline: Instant,
    stop: CancellationToken,
    reader: Box<dyn MySql>,
}

impl<'a> Session<'a> {
    pub(crate) fn open(source: &'a dyn MySqlSource, recording: &'a Recording<'a>) -> Self {
        let plan = recording.plan;
        let samples = u32::try_from(plan.samples).unwrap_or(u32::MAX);
        let each = plan
            .per_sample_deadline
            .saturating_add(plan.every)
            .saturating_add(GRACE);
        let deadline = later(each.saturating_mul(samples.saturating_add(1)));
        let stop = recording.cancel.child_token();
        let reader = source.open(Limits {
            deadline,
            cancel: stop.clone(),
        });
        Self {
            source,
            recording,
            deadline,
            stop,
            reader,
        }
    }

    pub(crate) async fn server(&self) -> Result<Server, SnapshotError> {
        let after = self.recording.plan.per_sample_deadline;
        let late = SourceError::TimedOut {
            probe: "server",
            after,
        };
        let server = timeout(after, self.reader.server())
            .await
            .unwrap_or(Err(late));
        server
            .map(|server| (*server).clone())
            .map_err(|error| self.failed(error))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.reader.now()
    }

    /// Waits for the next sample without holding a connection: a live source would be short of it
    /// meanwhile, and may close it.
    pub(crate) async fn pass(&mut self) -> Result<bool, SnapshotError> {
        let now = self.reader.now();
        let fresh = self.open_reader();
        // A new reader of a replayed source is back at its first sample; there the old one goes on.
        if fresh.now() >= now {
            self.reader = fresh;
        }
        let passed = self.reader.pass(self.recording.plan.every).await;
        passed.map_err(|error| self.failed(error))
    }

    fn open_reader(&self) -> Box<dyn MySql> {
        let cancel = self.stop.clone();
        self.source.open(Limits {
            deadline: self.deadline,
            cancel,
        })
    }

    fn failed(&self, error: SourceError) -> SnapshotError {
        if self.recording.cancel.is_cancelled() {
            return SnapshotError::Cancelled;
        }
        SnapshotError::Source(error)
    }

    pub(crate) async fn sample(
        &mut self,
        number: usize,
        items: &mut [Item<'_>],
        earliest: Option<Timestamp>,
        draft: &Draft,
    ) -> Result<Taken, SnapshotError> {
        let until = later(self.recording.plan.per_sample_deadline);
        let mut captures = Vec::new();
        let mut latest = earliest;
        for item in items.iter_mut().filter(|item| !item.answered_once) {
            let (read, once) = (item.read, item.read.once);
            let rows = self
                .read(read, until)
                .await
                .and_then(|rows| self.redact(read, rows));
            if self.recording.cancel.is_cancelled() {
                return Err(SnapshotError::Cancelled);
            }
            let outcome = rows.map_err(|error| Failure::of(&error));
            let mut capture = Capture {
                params: read.params.clone(),
                once,
                outcome,
            };
            let mut text = encode(&capture, &item.file)?;
            if !draft.takes(&text) {
                capture.outcome = Err(Failure::NotCaptured);
                text = encode(&capture, &item.file)?;
            }
            // A failure holds for its own sample only: the read is tried again in the next.
            if let Ok(rows) = &capture.outcome {
                item.answered_once = once;
                latest = latest.max(Some(rows.read_at));
            }
            captures.push((item.file.clone(), text));
            (self.recording.progress)(&Progress {
                sample: number,
                samples: self.recording.plan.samples,
                probe: read.probe.name,
                outcome: capture
                    .outcome
                    .map(|rows| rows.rows.len())
                    .map_err(|f| f.kind()),
            });
        }
        let now = self.reader.now();
        Ok(Taken {
            captures,
            at: latest.map_or(now, |latest| latest.max(now)),
        })
    }

    /// Reads until the sample's deadline. A read still running then is stopped on the server, and
    /// those after it are not begun.
    async fn read(&mut self, read: &Read, until: Instant) -> Result<Rows, SourceError> {
        let probe = read.probe.name;
        let begun = Instant::now();
        if begun >= until {
            return Err(SourceError::NotCaptured { probe });
        }
        let mut answer = self.reader.read(read.probe, &read.params);
        if let Ok(answer) = tokio::time::timeout_at(until.into(), &mut answer).await {
            return answer;
        }
        let after = begun.elapsed();
        self.stop.cancel();
        let stopped = timeout(GRACE, &mut answer).await;
        drop(answer);
        self.stop = self.recording.cancel.child_token();
        self.reader = self.open_reader();
        match stopped {
            Ok(Ok(rows)) => Ok(rows),
            _ => Err(SourceError::TimedOut { probe, after }),
        }
    }

    fn redact(&self, read: &Read, mut rows: Rows) -> Result<Rows, SourceError> {
        let Rows {
            columns, rows: all, ..
        } = &mut rows;
        for row in all {
            if row.len() != columns.len() {
                let detail = "row and columns differ in length".to_owned();
                return Err(SourceError::Decode {
                    probe: read.probe.name,
                    detail,
                });
            }
            for (column, value) in columns.iter().zip(row) {
                let read_value = std::mem::replace(value, Value::Null);
                *value = (self.recording.redaction.apply)(read.probe, column, read_value);
            }
        }
        Ok(rows)
    }
}

fn encode(capture: &Capture, file: &str) -> Result<String, SnapshotError> {
    capture.encode().map_err(|error| broken(file, error))
}

fn later(by: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    Instant::now() + by.min(YEAR)
}
