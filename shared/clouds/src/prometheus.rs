//! The metrics of an instance in a store that speaks Prometheus' interface and language: Prometheus itself,
//! Thanos, Mimir, VictoriaMetrics (<https://prometheus.io/docs/prometheus/latest/querying/api/>).
//!
//! Every request is bounded in series, points, bytes and time; four run at once for an instance. What is
//! asked is kept to the series of the instance, whoever words it.

mod answer;
mod client;
mod expressions;
mod facts;
mod fence;
mod kinds;
mod names;
mod plain;
mod query;
mod range;
mod read;
mod scan;
mod selector;
mod settings;
mod trouble;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use storex_series::{Grid, SeriesId};
use storex_sources::{
    Fetched, Limits, Metrics, MetricsError, MetricsSource, SeriesStream, StoreFacts, Wanted,
    wall_clock,
};
use tokio::sync::Semaphore;

pub use client::Store;
pub use expressions::spellings;
pub use settings::{Authorization, Secret, Selectors, SettingsError, StoreSettings};

use facts::Cache;
use selector::Instance;

/// Requests for one instance at once.
const AT_ONCE: usize = 4;

/// One instance's metrics in a store.
#[derive(Debug, Clone)]
pub struct PrometheusMetrics(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    instance: Instance,
    places: Semaphore,
    cache: Cache,
}

impl PrometheusMetrics {
    /// The metrics of the instance whose series `selectors` name. Nobody is asked anything yet.
    ///
    /// # Errors
    /// When a selector cannot be read, or matches series of every instance.
    pub fn new(store: Store, selectors: &Selectors) -> Result<Self, SettingsError> {
        Ok(Self(Arc::new(Shared {
            store,
            instance: Instance::new(selectors)?,
            places: Semaphore::new(AT_ONCE),
            cache: Cache::default(),
        })))
    }
}

/// The figures of a range query's answer, by the interface's own form: of each series one for each moment of
/// the grid, of `most` series at most. `None` of what is no answer.
pub fn decoded(bytes: &[u8], grid: &Grid, most: usize) -> Option<Vec<Vec<f64>>> {
    let series = answer::range(bytes, grid, most).ok()?.data;
    Some(series.into_iter().map(|(_, values)| values).collect())
}

/// A caller's query as it is sent: kept to the series that `selectors` name, and to bounds.
///
/// # Errors
/// When the query cannot be kept to them.
pub fn kept_to(text: &str, selectors: &Selectors, grid: &Grid) -> Result<String, MetricsError> {
    let instance = Instance::new(selectors).map_err(|error| MetricsError::Refused {
        detail: error.to_string(),
    })?;
    fence::fenced(text, &instance, grid)
}

impl MetricsSource for PrometheusMetrics {
    fn open(&self, limits: Limits) -> Box<dyn Metrics> {
        Box::new(Reader {
            shared: Arc::clone(&self.0),
            limits,
        })
    }

    fn kind(&self) -> &'static str {
        "prometheus"
    }
}

/// One call's view.
#[derive(Clone)]
struct Reader {
    shared: Arc<Shared>,
    limits: Limits,
}

#[async_trait]
impl Metrics for Reader {
    async fn about(&self) -> Result<StoreFacts, MetricsError> {
        facts::about(self).await
    }

    async fn read(&self, wanted: &[Wanted], grid: &Grid) -> Result<Fetched, MetricsError> {
        read::read(self, wanted, grid).await
    }

    async fn scan(&self, grid: &Grid, most: usize) -> Result<Box<dyn SeriesStream>, MetricsError> {
        scan::scan(self, grid, most).await
    }

    async fn query(&self, text: &str, grid: &Grid, most: usize) -> Result<Fetched, MetricsError> {
        query::query(self, text, grid, most).await
    }

    async fn names(&self, part: &str, most: usize) -> Result<Vec<SeriesId>, MetricsError> {
        names::names(self, part, most).await
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }
}
