//! The instances of the inventory with their sources opened, rebuilt whole when the inventory
//! changes; a source whose entry did not change is kept with its connections.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use storex_fleet::{Instance, Inventory, MySqlEndpoint, Source};
use storex_mysql::{LiveMySql, Settings};
use storex_snapshot::Replay;
use storex_sources::MySqlSource;
use storex_tool::InstanceFacts;

/// One instance, ready to be read.
pub struct Mount {
    /// What tools may know of it.
    pub facts: Arc<InstanceFacts>,
    /// Its MySQL.
    pub mysql: Arc<dyn MySqlSource>,
    /// The same, where it is live: for health, metrics and the doctor.
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

impl Mount {
    fn open(entry: Arc<Instance>) -> Result<Self, MountError> {
        let (mysql, live): (Arc<dyn MySqlSource>, _) = match &entry.source {
            Source::MySql(endpoint) => {
                let live = live(&entry.name, endpoint);
                (Arc::new(live.clone()), Some(live))
            }
            Source::Snapshot(path) => (Arc::new(replay(&entry.name, path)?), None),
        };
        let facts = Arc::new(facts(&entry, mysql.kind()));
        Ok(Self {
            facts,
            mysql,
            live,
            entry,
            running: Arc::default(),
        })
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

/// Why an instance cannot be mounted.
#[derive(Debug, thiserror::Error)]
#[error("failed to open the snapshot of instance `{instance}`")]
pub struct MountError {
    instance: String,
    #[source]
    source: storex_snapshot::SnapshotError,
}

/// All instances, by name.
#[derive(Default)]
pub struct Mounts(BTreeMap<String, Arc<Mount>>);

impl Mounts {
    /// Opens every instance of `inventory`, keeping from `before` what did not change. An instance
    /// whose snapshot cannot be opened is left out and told.
    pub fn open(inventory: &Inventory, before: &Self) -> (Self, Vec<MountError>) {
        let mut mounts = BTreeMap::new();
        let mut errors = Vec::new();
        for entry in inventory.instances() {
            let kept = before
                .0
                .get(&entry.name)
                .filter(|mount| mount.entry == *entry);
            match kept.map_or_else(
                || Mount::open(Arc::clone(entry)).map(Arc::new),
                |m| Ok(Arc::clone(m)),
            ) {
                Ok(mount) => {
                    mounts.insert(entry.name.clone(), mount);
                }
                Err(error) => errors.push(error),
            }
        }
        (Self(mounts), errors)
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

fn replay(name: &str, path: &Path) -> Result<Replay, MountError> {
    Replay::open(path).map_err(|source| MountError {
        instance: name.to_owned(),
        source,
    })
}

fn live(name: &str, endpoint: &MySqlEndpoint) -> LiveMySql {
    LiveMySql::new(name, endpoint.clone(), Settings::default())
}
