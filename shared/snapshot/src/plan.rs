//! What to record and how: the reads, the samples, the redaction, and what comes of it.

use std::fmt;
use std::time::Duration;

use storex_sources::{Probe, Value};
use tokio_util::sync::CancellationToken;

use crate::{Description, LogsPlan, MetricsPlan};

/// One read to be recorded: a probe and its parameters.
#[derive(Debug, Clone)]
pub struct Read {
    /// The probe.
    pub probe: &'static Probe,
    /// The values bound to it. They are stored as they are, because a replay finds the read by
    /// them; only a file's name is made of them besides.
    pub params: Vec<Value>,
    /// Whether one answer holds for all samples that follow.
    pub once: bool,
}

impl Read {
    /// A probe without parameters, read in every sample.
    pub const fn every_sample(probe: &'static Probe) -> Self {
        Self {
            probe,
            params: Vec::new(),
            once: false,
        }
    }

    /// A probe whose rows do not change meanwhile (schema, variables): read until it has answered
    /// once.
    pub const fn once(probe: &'static Probe) -> Self {
        Self {
            probe,
            params: Vec::new(),
            once: true,
        }
    }

    /// The same read with values bound.
    #[must_use]
    pub fn with(mut self, params: Vec<Value>) -> Self {
        self.params = params;
        self
    }
}

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Samples to take.
    pub samples: usize,
    /// The pause between the end of one sample and the start of the next, so that a slow server is
    /// not read without a break.
    pub every: Duration,
    /// How long one sample may take. A read still running then is stopped; those after it are left
    /// out of the sample.
    pub per_sample_deadline: Duration,
}

/// What is done to every value before it is written.
pub struct Redaction<'a> {
    /// What it is called in `snapshot.json`; `None` where nothing is redacted.
    pub name: Option<String>,
    /// Gets the probe, the column and the value, and returns what to store.
    pub apply: &'a (dyn Fn(&Probe, &str, Value) -> Value + Sync),
}

impl Redaction<'_> {
    /// Stores values as they were read.
    pub fn none() -> Self {
        Self {
            name: None,
            apply: &|_, _, value| value,
        }
    }
}

impl fmt::Debug for Redaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redaction").field(&self.name).finish()
    }
}

/// Everything about a recording but its source and its place.
pub struct Recording<'a> {
    /// What to read, in this order. The same read is taken once per sample.
    pub reads: &'a [Read],
    /// How often and how long.
    pub plan: Plan,
    /// Which logs to keep, as they are: with their literals. None unless they are wanted.
    pub logs: Option<LogsPlan<'a>>,
    /// Which metrics to keep. None unless they are wanted.
    pub metrics: Option<MetricsPlan<'a>>,
    /// Facts of the instance for `snapshot.json`. They are stored as they are.
    pub instance: serde_json::Map<String, serde_json::Value>,
    /// What is done to values before they are written.
    pub redaction: Redaction<'a>,
    /// Told after every read.
    pub progress: &'a (dyn Fn(&Progress) + Sync),
    /// Fires when the recording is to be given up.
    pub cancel: CancellationToken,
}

impl fmt::Debug for Recording<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("reads", &self.reads.len())
            .field("plan", &self.plan)
            .field("logs", &self.logs.is_some())
            .field("metrics", &self.metrics.is_some())
            .field("redaction", &self.redaction)
            .finish_non_exhaustive()
    }
}

/// One read is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The sample, from 1.
    pub sample: usize,
    /// Samples planned.
    pub samples: usize,
    /// The probe.
    pub probe: &'static str,
    /// Its rows, or why it failed in a word.
    pub outcome: Result<usize, &'static str>,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// What the snapshot holds, read back from disk.
    pub description: Description,
    /// Why the recording ended.
    pub ended: Ended,
}

/// Why a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All samples planned were taken.
    Complete,
    /// The source had no further sample.
    NoFurtherSample,
    /// Another sample would not have fitted into a snapshot; those before it are kept.
    Full,
}
