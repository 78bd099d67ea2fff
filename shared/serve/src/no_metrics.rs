//! The metrics of an instance that has none we know of: every look at them says so.

use async_trait::async_trait;
use jiff::Timestamp;
use storex_series::{Grid, SeriesId};
use storex_sources::{
    Fetched, Limits, Metrics, MetricsError, MetricsSource, SeriesStream, StoreFacts, Wanted,
    wall_clock,
};

/// Why there are none.
#[derive(Clone)]
pub(crate) enum NoMetrics {
    /// The inventory names no store, and no history is kept.
    NotConfigured,
    /// What the inventory says of the store is of no use.
    Unusable {
        /// What is wrong.
        why: String,
    },
    /// The snapshot cannot be opened.
    NotCaptured,
}

impl NoMetrics {
    fn error(&self) -> MetricsError {
        match self {
            Self::NotConfigured => MetricsError::NotConfigured,
            Self::Unusable { why } => MetricsError::Unusable {
                detail: why.clone(),
            },
            Self::NotCaptured => MetricsError::NotCaptured,
        }
    }
}

impl MetricsSource for NoMetrics {
    fn open(&self, _limits: Limits) -> Box<dyn Metrics> {
        Box::new(self.clone())
    }

    fn kind(&self) -> &'static str {
        "none"
    }
}

#[async_trait]
impl Metrics for NoMetrics {
    async fn about(&self) -> Result<StoreFacts, MetricsError> {
        Err(self.error())
    }

    async fn read(&self, _: &[Wanted], _: &Grid) -> Result<Fetched, MetricsError> {
        Err(self.error())
    }

    async fn scan(&self, _: &Grid, _: usize) -> Result<Box<dyn SeriesStream>, MetricsError> {
        Err(self.error())
    }

    async fn query(&self, _: &str, _: &Grid, _: usize) -> Result<Fetched, MetricsError> {
        Err(self.error())
    }

    async fn names(&self, _: &str, _: usize) -> Result<Vec<SeriesId>, MetricsError> {
        Err(self.error())
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }
}
