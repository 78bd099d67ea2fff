//! A server, what makes figures of it, a store, and the source under test.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use storex_clouds::prometheus::{
    Authorization, PrometheusMetrics, Selectors, Store, StoreSettings,
};
use storex_series::{Grid, Series, Step};
use storex_sources::{Limits, Metrics, MetricsSource, Wanted, signal, wall_clock};
use storex_testkit::monitoring::{Exporter, INNODB_METRICS, Make, MetricsStore, Scrape};
use storex_testkit::{Flavour, MySqlServer, Options};
use tokio_util::sync::CancellationToken;

/// The instance under test, as it is labelled; another one lies beside it in the store.
pub(crate) const DATABASE: &str = "db1:9104";
pub(crate) const HOST: &str = "db1:9100";
pub(crate) const OTHER: &str = "db2:9104";

pub(crate) struct Stage {
    pub(crate) server: MySqlServer,
    pub(crate) store: MetricsStore,
    pub(crate) of_server: Exporter,
    _of_machine: Exporter,
}

impl Stage {
    pub(crate) async fn set(flavour: Flavour, make: Make) -> Result<Self> {
        let server = MySqlServer::start(flavour, Options::default()).await?;
        let collectors = [INNODB_METRICS, "perf_schema.eventsstatementssum"];
        let of_server = Exporter::of_server(&server, &collectors).await?;
        let of_machine = Exporter::of_machine().await?;
        let scrape = |job: &str, instance: &str, at| Scrape {
            job: job.to_owned(),
            instance: instance.to_owned(),
            at,
        };
        let scrapes = [
            scrape("mysql", DATABASE, of_server.address()),
            scrape("mysql", OTHER, of_server.address()),
            scrape("node", HOST, of_machine.address()),
        ];
        let store = MetricsStore::start(make, &scrapes).await?;
        store
            .wait_for("sum(count_over_time(mysql_up[1m]))", 8.0)
            .await?;
        store
            .wait_for("count_over_time(node_time_seconds[1m])", 4.0)
            .await?;
        Ok(Self {
            server,
            store,
            of_server,
            _of_machine: of_machine,
        })
    }

    pub(crate) fn metrics(&self) -> Box<dyn Metrics> {
        source(&self.store.url()).open(limits())
    }
}

pub(crate) fn source(url: &str) -> PrometheusMetrics {
    source_of(StoreSettings {
        url: url.to_owned(),
        authorization: Authorization::None,
        headers: Vec::new(),
        ca_pem: None,
    })
}

pub(crate) fn source_of(settings: StoreSettings) -> PrometheusMetrics {
    let store = Store::new(settings).unwrap();
    let selectors = Selectors {
        database: format!("instance={DATABASE:?}"),
        host: Some(format!("instance={HOST:?}")),
    };
    PrometheusMetrics::new(store, &selectors).unwrap()
}

pub(crate) fn limits() -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(120),
        cancel: CancellationToken::new(),
    }
}

/// The last seconds, a figure each, up to what has surely been scraped.
pub(crate) fn last(seconds: i64) -> Grid {
    let to = wall_clock() - SignedDuration::from_secs(1);
    Grid::new(to - SignedDuration::from_secs(seconds), to, Step::of(1))
}

pub(crate) fn between(from: Timestamp, to: Timestamp) -> Grid {
    Grid::new(from, to, Step::of(1))
}

pub(crate) fn signals(names: &[&str]) -> Vec<Wanted> {
    let wanted = |name: &&str| Wanted::Signal(signal(name).unwrap_or_else(|| panic!("{name}")));
    names.iter().map(wanted).collect()
}

pub(crate) fn by_name(series: Vec<Series>) -> BTreeMap<String, Series> {
    series
        .into_iter()
        .map(|series| (series.id.to_string(), series))
        .collect()
}
