//! A source in memory with one set of answers per moment, and short cuts to record and read it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use storex_sources::{
    EXPLAIN, Explainable, Flavour, Limits, MySql, MySqlSource, Needs, Probe, Rows, Server,
    SourceError, Value, Vendor, Version,
};
use tokio_util::sync::CancellationToken;

use crate::capture::params_key;
use crate::{Plan, Read, Recording, Redaction, SnapshotError, Summary, record};

pub(super) static TRX: Probe = probe("innodb_trx");
pub(super) static STATUS: Probe = probe("global_status");
pub(super) static VARIABLES: Probe = probe("global_variables");
pub(super) static INDEXES: Probe = probe("table_indexes");

pub(super) const fn probe(name: &'static str) -> Probe {
    Probe {
        name,
        statements: &[],
        row_limit: 100,
        timeout: Duration::from_secs(1),
        needs: Needs {
            grants: &["PROCESS ON *.*"],
            performance_schema: false,
            remedy: "turn it on",
        },
    }
}

pub(super) fn server() -> Server {
    Server {
        flavour: Flavour::MySql,
        vendor: Vendor::Percona,
        version: Version {
            major: 8,
            minor: 0,
            patch: 36,
        },
        performance_schema: true,
        read_only: false,
    }
}

/// A moment `s` seconds into the recording.
pub(super) fn at(s: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + s).unwrap()
}

pub(super) fn rows(read_at: Timestamp, columns: &[&str], rows: &[&[Value]]) -> Rows {
    Rows {
        columns: columns.iter().map(ToString::to_string).collect(),
        rows: rows.iter().map(|row| row.to_vec()).collect(),
        read_at,
        took: Duration::from_micros(1500),
        truncated: false,
    }
}

/// One row with one number.
pub(super) fn number(s: i64, number: u64) -> Rows {
    rows(at(s), &["n"], &[&[Value::UInt(number)]])
}

type Answer = Result<Rows, SourceError>;

#[derive(Default)]
pub(super) struct Moment {
    now: Timestamp,
    answers: HashMap<(&'static str, String), Answer>,
}

#[derive(Default)]
pub(super) struct Fake {
    moments: Arc<Vec<Moment>>,
    hangs: Arc<Mutex<Option<&'static str>>>,
    /// Its clock, where it goes on as a live source's does.
    clock: Option<Arc<AtomicI64>>,
    opened: AtomicUsize,
    /// Every read that was asked of it: the number of the reader, and the probe.
    pub(super) asked: Arc<Mutex<Vec<(usize, &'static str)>>>,
}

impl Fake {
    /// One moment that never ends, though its clock goes on.
    pub(super) fn live(mut self, answers: Vec<(&Read, Answer)>) -> Self {
        self.clock = Some(Arc::default());
        self.moment(0, answers)
    }

    /// Does not answer the first read of `probe` before it is told to stop.
    pub(super) fn hanging(probe: &'static str) -> Self {
        Self {
            hangs: Arc::new(Mutex::new(Some(probe))),
            ..Self::default()
        }
    }

    pub(super) fn moment(mut self, s: i64, answers: Vec<(&Read, Answer)>) -> Self {
        let key = |read: &Read| (read.probe.name, params_key(&read.params).unwrap());
        let answers = answers
            .into_iter()
            .map(|(read, answer)| (key(read), answer))
            .collect();
        let moments = Arc::get_mut(&mut self.moments).unwrap();
        moments.push(Moment {
            now: at(s),
            answers,
        });
        self
    }
}

impl MySqlSource for Fake {
    fn open(&self, limits: Limits) -> Box<dyn MySql> {
        Box::new(FakeReader {
            moments: Arc::clone(&self.moments),
            place: AtomicUsize::new(0),
            limits,
            hangs: Arc::clone(&self.hangs),
            clock: self.clock.clone(),
            number: self.opened.fetch_add(1, Ordering::Relaxed),
            asked: Arc::clone(&self.asked),
        })
    }

    fn kind(&self) -> &'static str {
        "fake"
    }
}

struct FakeReader {
    moments: Arc<Vec<Moment>>,
    place: AtomicUsize,
    limits: Limits,
    hangs: Arc<Mutex<Option<&'static str>>>,
    clock: Option<Arc<AtomicI64>>,
    number: usize,
    asked: Arc<Mutex<Vec<(usize, &'static str)>>>,
}

#[async_trait]
impl MySql for FakeReader {
    async fn server(&self) -> Result<Arc<Server>, SourceError> {
        if self.limits.cancel.is_cancelled() {
            return Err(SourceError::Cancelled { probe: "server" });
        }
        Ok(Arc::new(server()))
    }

    async fn read(&self, probe: &'static Probe, params: &[Value]) -> Answer {
        self.asked.lock().unwrap().push((self.number, probe.name));
        let hangs = self
            .hangs
            .lock()
            .unwrap()
            .take_if(|hangs| *hangs == probe.name);
        if hangs.is_some() {
            self.limits.cancel.cancelled().await;
        }
        if self.limits.cancel.is_cancelled() {
            return Err(SourceError::Cancelled { probe: probe.name });
        }
        let key = (probe.name, params_key(params).unwrap());
        self.moments[self.place.load(Ordering::Relaxed)].answers[&key].clone()
    }

    async fn explain(&self, _: &Explainable) -> Result<Rows, SourceError> {
        Err(SourceError::NotCaptured {
            probe: EXPLAIN.name,
        })
    }

    fn now(&self) -> Timestamp {
        if let Some(clock) = &self.clock {
            return at(clock.fetch_add(1, Ordering::Relaxed));
        }
        self.moments[self.place.load(Ordering::Relaxed)].now
    }

    async fn pass(&self, _gap: Duration) -> Result<bool, SourceError> {
        if self.limits.cancel.is_cancelled() {
            return Err(SourceError::Cancelled {
                probe: "the next sample",
            });
        }
        if self.clock.is_some() {
            return Ok(true);
        }
        let next = self.place.load(Ordering::Relaxed) + 1;
        if next >= self.moments.len() {
            return Ok(false);
        }
        self.place.store(next, Ordering::Relaxed);
        Ok(true)
    }
}

pub(super) fn limits() -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(60),
        cancel: CancellationToken::new(),
    }
}

pub(super) fn recording(reads: &[Read], samples: usize) -> Recording<'_> {
    Recording {
        reads,
        plan: Plan {
            samples,
            every: Duration::from_secs(10),
            per_sample_deadline: Duration::from_secs(30),
        },
        logs: None,
        metrics: None,
        instance: serde_json::Map::new(),
        redaction: Redaction::none(),
        progress: &|_| (),
        cancel: CancellationToken::new(),
    }
}

/// Runs a future to its end.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().unwrap().block_on(future)
}

/// Records every sample the plan asks for.
pub(super) fn record_all(
    fake: &Fake,
    reads: &[Read],
    samples: usize,
    to: &Path,
) -> Result<Summary, SnapshotError> {
    block_on(record(fake, &recording(reads, samples), to))
}

/// The whole chain of an error's messages.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
