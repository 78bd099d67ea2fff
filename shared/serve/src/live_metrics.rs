//! The metrics of a running server, in the store the inventory names.

use std::sync::Arc;

use storex_fleet::{Instance, MetricsStore};
use storex_sources::MetricsSource;

use crate::no_metrics::NoMetrics;

/// The source of an instance's metrics. Nothing is opened yet.
pub(crate) fn live_metrics(entry: &Instance) -> Arc<dyn MetricsSource> {
    let Some(store) = &entry.metrics else {
        return Arc::new(NoMetrics::NotConfigured);
    };
    match store {
        MetricsStore::Prometheus(_) => Arc::new(NoMetrics::NotConfigured),
        #[cfg(feature = "aws")]
        MetricsStore::Aws(_) => Arc::new(NoMetrics::NotConfigured),
        #[cfg(not(feature = "aws"))]
        MetricsStore::Aws(_) => Arc::new(NoMetrics::LeftOut { cloud: "aws" }),
        #[cfg(feature = "azure")]
        MetricsStore::Azure(_) => Arc::new(NoMetrics::NotConfigured),
        #[cfg(not(feature = "azure"))]
        MetricsStore::Azure(_) => Arc::new(NoMetrics::LeftOut { cloud: "azure" }),
        #[cfg(feature = "google")]
        MetricsStore::Google(_) => Arc::new(NoMetrics::NotConfigured),
        #[cfg(not(feature = "google"))]
        MetricsStore::Google(_) => Arc::new(NoMetrics::LeftOut { cloud: "google" }),
    }
}
