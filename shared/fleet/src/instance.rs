//! What the rest of the product knows of an instance.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::{
    AwsLogs, AwsMetrics, AzureLogs, AzureMetrics, GoogleLogs, GoogleMetrics, PrometheusStore,
    Secret,
};

/// One database server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Unique name, as people and agents call it.
    pub name: String,
    /// The replication cluster it belongs to; its own name where it stands alone.
    pub cluster: String,
    /// Where it runs.
    pub region: String,
    /// The regulatory domain its data may not leave.
    pub regulatory_domain: String,
    /// `production`, `staging`, `development`, `test`, ...
    pub environment: String,
    /// `aws`, `azure`, `gcp`, `on-prem`.
    pub cloud: String,
    /// The team that owns it.
    pub owner_team: String,
    /// Whom to call.
    pub on_call: Option<String>,
    /// What is said to run there (`mysql`, `mariadb`, ...); the server itself is asked anyway.
    pub engine: String,
    /// Free labels.
    pub tags: BTreeMap<String, String>,
    /// Where its data comes from.
    pub source: Source,
    /// Where the logs of a running server are; a recorded one has those that were recorded.
    pub logs: Option<LogsEndpoint>,
    /// The store of a running server's metrics; a recorded one has those that were recorded.
    pub metrics: Option<MetricsStore>,
}

/// Where an instance's data comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A running server.
    MySql(MySqlEndpoint),
    /// A recorded one: a snapshot folder or archive.
    Snapshot(PathBuf),
}

/// How to reach a running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MySqlEndpoint {
    /// TCP address or socket.
    pub address: Address,
    /// A second door for when `max_connections` is used up: MySQL's `admin_port`, MariaDB's
    /// `extra_port`, on the same host.
    pub admin_port: Option<u16>,
    /// The monitoring account.
    pub user: String,
    /// Its password, by reference.
    pub password: Secret,
    /// How the server must prove who it is.
    pub tls: Tls,
    /// The authority that signed its certificate; the public ones where none is named.
    pub tls_ca: Option<PathBuf>,
    /// Connections we keep to it at most.
    pub max_connections: usize,
}

/// Where a server's logs are, and how to read their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsEndpoint {
    /// Where they are.
    pub place: LogsPlace,
    /// The zone of times that are written without one.
    pub time_zone: TimeZone,
}

/// Where a server's logs are: one place for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogsPlace {
    /// Files on this machine.
    Files(LogFiles),
    /// The slow log is the table `mysql.slow_log` (`log_output` has `TABLE`).
    Table(LogTable),
    /// Amazon RDS, or CloudWatch Logs.
    Aws(AwsLogs),
    /// Azure Database for MySQL.
    Azure(AzureLogs),
    /// Objects that a sink of Cloud Logging writes to Cloud Storage.
    Google(GoogleLogs),
}

/// Which store keeps a server's metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricsStore {
    /// Prometheus, or one that answers its HTTP API.
    Prometheus(PrometheusStore),
    /// Amazon CloudWatch.
    Aws(AwsMetrics),
    /// Azure Monitor.
    Azure(AzureMetrics),
    /// Google Cloud Monitoring.
    Google(GoogleMetrics),
}

/// The table `mysql.slow_log`, read over the instance's own connections, and the log that is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogTable {
    /// The error log, where it is a file on this machine.
    pub error: Option<PathBuf>,
}

/// Log files on this machine. A path stands for the file and the ones it was rotated to; a pattern of
/// `*` and `?` in its last part for what it matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFiles {
    /// The slow query log.
    pub slow: Option<PathBuf>,
    /// The error log.
    pub error: Option<PathBuf>,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Host and port.
    Tcp {
        /// Host name or address, without brackets.
        host: String,
        /// Port.
        port: u16,
    },
    /// A unix socket on this machine.
    Socket(PathBuf),
}

/// How much of TLS is demanded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tls {
    /// The certificate must be signed by a known authority and name the host.
    #[default]
    Verify,
    /// The certificate must be signed by a known authority.
    VerifyCa,
    /// No TLS: for sockets and loopback, elsewhere only with a reason given.
    Off,
}

/// All instances of one file, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<String, Arc<Instance>>);

impl Inventory {
    /// The instance of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Instance>> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn instances(&self) -> impl ExactSizeIterator<Item = &Arc<Instance>> {
        self.0.values()
    }
}

/// Of two with the same name the later stays; a file with such two is refused.
impl FromIterator<Instance> for Inventory {
    fn from_iter<I: IntoIterator<Item = Instance>>(instances: I) -> Self {
        let named = instances
            .into_iter()
            .map(|instance| (instance.name.clone(), Arc::new(instance)));
        Self(named.collect())
    }
}
