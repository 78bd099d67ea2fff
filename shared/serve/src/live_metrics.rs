//! The metrics of a running server, in the store the inventory names.

use std::path::Path;
use std::sync::Arc;

use storex_clouds::prometheus::{
    Authorization, PrometheusMetrics, Secret, Selectors, Store, StoreSettings,
};
use storex_fleet::{Instance, MetricsStore, PrometheusStore, StoreLogin};
use storex_sources::MetricsSource;

use crate::no_metrics::NoMetrics;

/// The stores of an inventory: instances in the same one share its connections.
#[derive(Default)]
pub(crate) struct MetricsStores(Vec<(PrometheusStore, Store)>);

impl MetricsStores {
    /// The source of an instance's metrics. Nothing is asked yet.
    pub(crate) fn of(&mut self, entry: &Instance) -> Arc<dyn MetricsSource> {
        let Some(store) = &entry.metrics else {
            return Arc::new(NoMetrics::NotConfigured);
        };
        match store {
            MetricsStore::Prometheus(store) => self.prometheus(entry, store),
            MetricsStore::Aws(_) => not_yet("aws"),
            MetricsStore::Azure(_) => not_yet("azure"),
            MetricsStore::Google(_) => not_yet("google"),
        }
    }

    fn prometheus(&mut self, entry: &Instance, named: &PrometheusStore) -> Arc<dyn MetricsSource> {
        let selectors = Selectors {
            database: named.selector.clone(),
            host: named.host_selector.clone(),
        };
        let unusable = |why: String| {
            tracing::error!(
                instance = entry.name,
                error = why,
                "metrics store cannot be used"
            );
            Arc::new(NoMetrics::Unusable { why }) as Arc<dyn MetricsSource>
        };
        let store = match self.store(named) {
            Ok(store) => store,
            Err(why) => return unusable(why),
        };
        match PrometheusMetrics::new(store, &selectors) {
            Ok(metrics) => Arc::new(metrics),
            Err(error) => unusable(error.to_string()),
        }
    }

    fn store(&mut self, named: &PrometheusStore) -> Result<Store, String> {
        // What tells instances apart is no part of the store.
        let named = PrometheusStore {
            selector: String::new(),
            host_selector: None,
            ..named.clone()
        };
        if let Some((_, store)) = self.0.iter().find(|(known, _)| *known == named) {
            return Ok(store.clone());
        }
        let store = Store::new(settings(&named)?).map_err(|error| error.to_string())?;
        self.0.push((named, store.clone()));
        Ok(store)
    }
}

/// Stores the inventory may name already and no source reads.
fn not_yet(cloud: &str) -> Arc<dyn MetricsSource> {
    let why = format!("storex does not read metrics of {cloud} yet");
    Arc::new(NoMetrics::Unusable { why })
}

fn settings(named: &PrometheusStore) -> Result<StoreSettings, String> {
    let secret = |secret: &storex_fleet::Secret| {
        let secret = secret.clone();
        Secret::new(move || Some(secret.resolve().ok()?.expose().to_owned()))
    };
    let headers = named.headers.iter();
    Ok(StoreSettings {
        url: named.url.clone(),
        authorization: match &named.login {
            StoreLogin::None => Authorization::None,
            StoreLogin::Token(token) => Authorization::Bearer(secret(token)),
            StoreLogin::Basic { user, password } => Authorization::Basic {
                user: user.clone(),
                password: secret(password),
            },
        },
        headers: headers
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        ca_pem: named.tls_ca.as_deref().map(authority).transpose()?,
    })
}

fn authority(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("its `tls_ca` cannot be read: {error}"))
}
