//! The instances of the inventory with their sources opened, rebuilt whole when the inventory
//! changes; a source whose entry did not change is kept with its connections.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use storex_fleet::{Instance, Inventory, Source};
use storex_mysql::{LiveMySql, Settings};
use storex_snapshot::Replay;
use storex_sources::{
    Explainable, Limits, LogsSource, MetricsSource, MySql, MySqlSource, Probe, Rows, SourceError,
    Value, wall_clock,
};
use storex_tool::InstanceFacts;

use crate::live_logs::live_logs;
use crate::live_metrics::MetricsStores;
use crate::no_logs::NoLogs;
use crate::no_metrics::NoMetrics;

/// One instance, ready to be read.
pub struct Mount {
    /// What tools may know of it.
    pub facts: Arc<InstanceFacts>,
    /// Its MySQL.
    pub mysql: Arc<dyn MySqlSource>,
    /// Its logs.
    pub logs: Arc<dyn LogsSource>,
    /// Its metrics.
    pub metrics: Arc<dyn MetricsSource>,
    /// The same MySQL, where it is live: for health, metrics and the doctor.
    pub live: Option<LiveMySql>,
    entry: Arc<Instance>,
    running: Arc<AtomicU32>,
}

/// A place among the calls running on an instance; given back when dropped.
pub(crate) struct Permit(Arc<AtomicU32>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Where an instance's data comes from.
struct Sources {
    mysql: Arc<dyn MySqlSource>,
    logs: Arc<dyn LogsSource>,
    metrics: Arc<dyn MetricsSource>,
    live: Option<LiveMySql>,
}

impl Sources {
    fn of(entry: &Instance, stores: &mut MetricsStores) -> Self {
        match &entry.source {
            Source::MySql(endpoint) => {
                let live = LiveMySql::new(&entry.name, endpoint.clone(), Settings::default());
                Self {
                    mysql: Arc::new(live.clone()),
                    logs: live_logs(entry, &live),
                    metrics: stores.of(entry),
                    live: Some(live),
                }
            }
            Source::Snapshot(path) => match Replay::open(path) {
                Ok(replay) => Self {
                    logs: Arc::new(replay.logs()),
                    metrics: Arc::new(replay.metrics()),
                    mysql: Arc::new(replay),
                    live: None,
                },
                Err(error) => {
                    tracing::error!(
                        instance = entry.name,
                        error = chain(&error),
                        "snapshot cannot be opened"
                    );
                    Self {
                        mysql: Arc::new(Unopened),
                        logs: Arc::new(NoLogs::NotCaptured),
                        metrics: Arc::new(NoMetrics::NotCaptured),
                        live: None,
                    }
                }
            },
        }
    }
}

impl Mount {
    fn open(entry: Arc<Instance>, stores: &mut MetricsStores) -> Self {
        let Sources {
            mysql,
            logs,
            metrics,
            live,
        } = Sources::of(&entry, stores);
        let facts = Arc::new(facts(&entry, mysql.kind()));
        Self {
            facts,
            mysql,
            logs,
            metrics,
            live,
            entry,
            running: Arc::default(),
        }
    }

    /// A place among at most `limit` running calls, or none.
    pub(crate) fn try_enter(&self, limit: u32) -> Option<Permit> {
        let entered = self
            .running
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |running| {
                (running < limit).then_some(running + 1)
            });
        entered.ok().map(|_| Permit(Arc::clone(&self.running)))
    }

    /// Calls running on it now.
    pub fn running(&self) -> u32 {
        self.running.load(Ordering::Acquire)
    }

    /// Its entry of the inventory.
    pub fn entry(&self) -> &Instance {
        &self.entry
    }
}

/// All instances, by name.
#[derive(Default)]
pub struct Mounts(BTreeMap<String, Arc<Mount>>);

impl Mounts {
    /// Opens every instance of `inventory`, keeping from `before` what did not change. An instance
    /// whose snapshot cannot be opened is there too, and every call on it says so.
    pub fn open(inventory: &Inventory, before: &Self) -> Self {
        let mut stores = MetricsStores::default();
        let mount = |entry: &Arc<Instance>| {
            let kept = before
                .0
                .get(&entry.name)
                .filter(|mount| mount.entry == *entry);
            let mount = kept.map_or_else(
                || Arc::new(Mount::open(Arc::clone(entry), &mut stores)),
                Arc::clone,
            );
            (entry.name.clone(), mount)
        };
        Self(inventory.instances().map(mount).collect())
    }

    /// The instance of that name.
    pub fn get(&self, name: &str) -> Option<Arc<Mount>> {
        self.0.get(name).cloned()
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Mount>> {
        self.0.values()
    }
}

fn facts(entry: &Instance, source: &'static str) -> InstanceFacts {
    InstanceFacts {
        name: entry.name.clone(),
        cluster: entry.cluster.clone(),
        region: entry.region.clone(),
        regulatory_domain: entry.regulatory_domain.clone(),
        environment: entry.environment.clone(),
        cloud: entry.cloud.clone(),
        owner_team: entry.owner_team.clone(),
        on_call: entry.on_call.clone(),
        tags: entry.tags.clone(),
        source,
    }
}

/// A snapshot that cannot be opened. Callers learn that much; the log says why.
struct Unopened;

impl MySqlSource for Unopened {
    fn open(&self, _limits: Limits) -> Box<dyn MySql> {
        Box::new(Self)
    }

    fn kind(&self) -> &'static str {
        "snapshot"
    }
}

impl Unopened {
    fn error() -> SourceError {
        SourceError::Unreachable {
            detail: "its snapshot cannot be opened".to_owned(),
        }
    }
}

#[async_trait]
impl MySql for Unopened {
    async fn server(&self) -> Result<Arc<storex_sources::Server>, SourceError> {
        Err(Self::error())
    }

    async fn read(&self, _: &'static Probe, _: &[Value]) -> Result<Rows, SourceError> {
        Err(Self::error())
    }

    async fn explain(&self, _: &Explainable) -> Result<Rows, SourceError> {
        Err(Self::error())
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }

    async fn pass(&self, _: Duration) -> Result<bool, SourceError> {
        Err(Self::error())
    }
}

/// An error with its causes, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
