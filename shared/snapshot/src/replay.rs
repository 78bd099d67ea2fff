//! A snapshot as a source. Its clock stands still at the current sample; only
//! [`pass`](MySql::pass) moves it, and only for the call whose reader it is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use storex_sources::{
    EXPLAIN, Explainable, Limits, MySql, MySqlSource, Probe, Rows, Server, SourceError, Value,
};

use crate::files::Caps;
use crate::loaded::Loaded;
use crate::{Manifest, SnapshotError};

/// A recorded instance. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Replay {
    loaded: Arc<Loaded>,
    server: Arc<Server>,
    start: usize,
}

impl Replay {
    /// Opens a folder or a `.tar.zst`, checks all of it and keeps it in memory. Calls start at the
    /// first sample.
    ///
    /// Reads files, so from async code it belongs on a blocking thread.
    pub fn open(path: &Path) -> Result<Self, SnapshotError> {
        let loaded = Loaded::open(path, Caps::STANDARD)?;
        let server = Arc::new(loaded.manifest.server.clone());
        Ok(Self {
            loaded: Arc::new(loaded),
            server,
            start: 0,
        })
    }

    /// The same snapshot with every call starting at the sample named `id`.
    pub fn starting_at(mut self, id: &str) -> Result<Self, SnapshotError> {
        let samples = &self.loaded.manifest.samples;
        self.start = samples
            .iter()
            .position(|sample| sample.id == id)
            .ok_or_else(|| {
                let known: Vec<&str> = samples.iter().map(|sample| sample.id.as_str()).collect();
                SnapshotError::NoSample {
                    wanted: id.to_owned(),
                    known: known.join(", "),
                }
            })?;
        Ok(self)
    }

    pub(crate) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The time of the sample at which calls start.
    pub(crate) fn starts_at(&self) -> Timestamp {
        let manifest = self.manifest();
        let sample = manifest.samples.get(self.start);
        sample.map_or(manifest.recorded_at, |sample| sample.at)
    }

    /// What was recorded: the instance's facts, the server, the samples.
    pub fn manifest(&self) -> &Manifest {
        &self.loaded.manifest
    }
}

impl MySqlSource for Replay {
    fn open(&self, limits: Limits) -> Box<dyn MySql> {
        Box::new(Reader {
            replay: self.clone(),
            limits,
            sample: AtomicUsize::new(self.start),
        })
    }

    fn kind(&self) -> &'static str {
        "snapshot"
    }
}

/// One call's view; its place among the samples is its own.
struct Reader {
    replay: Replay,
    limits: Limits,
    sample: AtomicUsize,
}

impl Reader {
    fn sample(&self) -> usize {
        self.sample.load(Ordering::Relaxed)
    }

    fn check_limits(&self, probe: &'static str) -> Result<(), SourceError> {
        if self.limits.cancel.is_cancelled() || Instant::now() >= self.limits.deadline {
            return Err(SourceError::Cancelled { probe });
        }
        Ok(())
    }

    /// The sample nearest to `gap` from now among those that come later.
    fn after(&self, gap: Duration) -> Option<usize> {
        let samples = &self.replay.loaded.manifest.samples;
        let now = self.now();
        let gap = i128::try_from(gap.as_nanos()).unwrap_or(i128::MAX);
        let later = samples.iter().enumerate().skip(self.sample() + 1);
        let off = |at: Timestamp| at.duration_since(now).as_nanos().abs_diff(gap);
        later
            .min_by_key(|(_, sample)| off(sample.at))
            .map(|(place, _)| place)
    }
}

#[async_trait]
impl MySql for Reader {
    async fn server(&self) -> Result<Arc<Server>, SourceError> {
        Ok(Arc::clone(&self.replay.server))
    }

    async fn read(&self, probe: &'static Probe, params: &[Value]) -> Result<Rows, SourceError> {
        self.check_limits(probe.name)?;
        let held = self.replay.loaded.find(probe.name, params, self.sample());
        let held = held.ok_or(SourceError::NotCaptured { probe: probe.name })?;
        // It was read without an error when the snapshot was opened, so this does not happen.
        let capture = held.parse().map_err(|error| SourceError::Decode {
            probe: probe.name,
            detail: error.to_string(),
        })?;
        let mut rows = capture.outcome.map_err(|failure| failure.replay(probe))?;
        let limit = usize::try_from(probe.row_limit).unwrap_or(usize::MAX);
        if rows.rows.len() > limit {
            rows.rows.truncate(limit);
            rows.truncated = true;
        }
        Ok(rows)
    }

    /// A snapshot has no optimizer, and no plan of a statement nobody had named yet.
    async fn explain(&self, _: &Explainable) -> Result<Rows, SourceError> {
        self.check_limits(EXPLAIN.name)?;
        Err(SourceError::NotCaptured {
            probe: EXPLAIN.name,
        })
    }

    fn now(&self) -> Timestamp {
        let samples = &self.replay.loaded.manifest.samples;
        // The place is always one of the samples, of which there is at least one.
        samples
            .get(self.sample())
            .map_or(self.replay.loaded.manifest.recorded_at, |s| s.at)
    }

    async fn pass(&self, gap: Duration) -> Result<bool, SourceError> {
        self.check_limits("the next sample")?;
        let next = self.after(gap);
        if let Some(next) = next {
            self.sample.store(next, Ordering::Relaxed);
        }
        Ok(next.is_some())
    }
}
