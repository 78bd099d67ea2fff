//! How a test wants its server.

use std::path::PathBuf;

/// What a server is started with. The default is the smallest and quickest server.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Given to the server last, so they win over everything else.
    pub extra_args: Vec<String>,
    /// A certificate for `localhost` and `127.0.0.1`, signed by a certificate authority of the
    /// test's own; see [`TlsFiles`](super::TlsFiles). Without it no TLS is offered.
    pub tls: bool,
    /// `max_connections`; the server's own default when absent.
    pub max_connections: Option<u32>,
    /// What performance schema records.
    pub performance_schema: PerformanceSchema,
    /// Writes a binary log.
    pub binlog: bool,
    /// Where the data lies.
    pub place: Place,
    /// What goes into the slow log; see [`MySqlServer::slow_log`](super::MySqlServer::slow_log).
    pub slow_log: SlowLog,
    /// Loads MariaDB's `metadata_lock_info` plugin; nothing on MySQL, which does not need it.
    pub metadata_lock_info: bool,
}

/// What performance schema records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PerformanceSchema {
    /// As the server is shipped: on for MySQL, off for MariaDB.
    #[default]
    ServerDefault,
    /// On, with the statement, transaction and metadata lock instruments and consumers.
    Full,
    /// Off.
    Off,
}

/// What a server writes into its slow log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlowLog {
    /// Nothing: no server is shipped with one.
    #[default]
    Off,
    /// Every statement, with all the server can say of it.
    Everything,
}

/// Where a server keeps its data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// In memory when there is room.
    #[default]
    Quickest,
    /// On a disk: synchronising then costs what it costs in production.
    Disk,
    /// Below this folder.
    At(PathBuf),
}
