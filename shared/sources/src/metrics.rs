//! The seam of metrics: a source hands out one reader per call; a reader hands out series of figures of
//! its instance, on a grid and within bounds, saying what it could not read.
//!
//! A source is a metrics store (Prometheus and its kin, a cloud's), the history storex keeps itself, or a
//! recording. Whatever the store, signals of the vocabulary ([`Signal`]) come by its names and in its
//! units; all other series keep their own names.

mod error;
mod signal;

use async_trait::async_trait;
use jiff::Timestamp;
use storex_series::{Grid, Series, SeriesId, Step};

use crate::Limits;

pub use error::MetricsError;
pub use signal::{Golden, SIGNALS, Signal, Worse, signal};

/// One instance's metrics, live or recorded, shared by all calls.
pub trait MetricsSource: Send + Sync {
    /// A reader for one call. Opening costs nothing.
    fn open(&self, limits: Limits) -> Box<dyn Metrics>;

    /// Where the figures come from, in a word for the answer: `prometheus`, `cloudwatch`, `azure-monitor`,
    /// `cloud-monitoring`, `history`, `snapshot`.
    fn kind(&self) -> &'static str;
}

/// One call's view of an instance's metrics. Every read is bounded by the deadline of the call and stops
/// when the call is cancelled.
#[async_trait]
pub trait Metrics: Send + Sync {
    /// What the store is and how finely it keeps this instance.
    async fn about(&self) -> Result<StoreFacts, MetricsError>;

    /// Signals and series by name, as gauges (counters as differences per second) on `grid`. What the
    /// store does not have is among [`Fetched::missing`].
    async fn read(&self, wanted: &[Wanted], grid: &Grid) -> Result<Fetched, MetricsError>;

    /// Every series of the instance, a batch at a time, `most` at most: the signals first, then all
    /// others by their own names, counters as they were counted ([`storex_series::Kind::Counter`]). A
    /// series that is already there as a signal does not come again.
    async fn scan(&self, grid: &Grid, most: usize) -> Result<Box<dyn SeriesStream>, MetricsError>;

    /// A query in the store's own language, `most` series at most.
    async fn query(&self, text: &str, grid: &Grid, most: usize) -> Result<Fetched, MetricsError>;

    /// The names of the instance's series that contain `part` (all for an empty one), `most` at most, in
    /// order: what an unknown name is answered with.
    async fn names(&self, part: &str, most: usize) -> Result<Vec<SeriesId>, MetricsError>;

    /// The source's time: the wall clock, or the time at which a snapshot stands.
    fn now(&self) -> Timestamp;
}

/// What a metrics store says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFacts {
    /// Product and version as far as they are known: `Prometheus 3.5.0`.
    pub store: String,
    /// How far apart the figures of this instance are kept.
    pub resolution: Step,
    /// Since when there are figures, where that is known.
    pub since: Option<Timestamp>,
    /// The query language, as [`Metrics::query`] takes it: `PromQL`; `None` where there is none.
    pub language: Option<&'static str>,
}

/// A series asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A signal of the vocabulary.
    Signal(&'static Signal),
    /// Series by the store's own name, with all labels or only these.
    Named(SeriesId),
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fetched {
    /// The series, each with one figure for each moment of the grid.
    pub series: Vec<Series>,
    /// What was asked for and is not there, or is there in part only.
    pub missing: Vec<MissingSeries>,
}

/// Something that was asked for and is not there, or is there in part only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSeries {
    /// Which series or part of the store.
    pub what: String,
    /// Why, in words for the coverage.
    pub why: String,
    /// What would make it answer next time; empty where there is nothing.
    pub fix: &'static str,
}

/// All series of an instance, in turn.
#[async_trait]
pub trait SeriesStream: Send {
    /// The next series, some dozens of them; `None` after the last.
    async fn next(&mut self) -> Result<Option<Vec<Series>>, MetricsError>;

    /// What could not be read so far. Complete once [`Self::next`] has returned `None`.
    fn missing(&self) -> &[MissingSeries];
}
