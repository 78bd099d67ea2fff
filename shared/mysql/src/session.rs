//! A connection set up for reading: read-only, limited, and predictable whatever the server's
//! defaults are.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use storex_sources::{Flavour, Server, SourceError, Version};
use tokio::time::Instant;

use crate::detect::{Facts, VARIABLES, facts};
use crate::errors::{set_up_error, unreachable};
use crate::pool::Counted;

/// How long a read may wait for a lock: one that waits is part of the problem.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Through which of the server's ports a connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// The port applications use.
    Main,
    /// `admin_port` or `extra_port`: kept for as short as possible, since there are few of them.
    Admin,
}

/// A connection ready to read.
pub(crate) struct Session {
    pub(crate) conn: Conn,
    pub(crate) server: Arc<Server>,
    pub(crate) identity: Arc<str>,
    pub(crate) door: Door,
    pub(crate) used_at: Instant,
    /// Whether a read has succeeded on it.
    pub(crate) proven: bool,
    /// The server-side limit of a statement as last set.
    limit: Duration,
    _counted: Counted,
}

impl Session {
    /// Learns what the server is and sets the session up: two round trips.
    pub(crate) async fn set_up(
        mut conn: Conn,
        door: Door,
        limit: Duration,
        counted: Counted,
    ) -> Result<Self, SourceError> {
        let facts = learn(&mut conn).await?;
        let sql = set_up(&facts.server, limit);
        conn.query_drop(sql).await.map_err(set_up_error)?;
        Ok(Self {
            conn,
            server: Arc::new(facts.server),
            identity: facts.identity.into(),
            door,
            used_at: Instant::now(),
            proven: false,
            limit,
            _counted: counted,
        })
    }

    /// Raises the server-side limit for a probe that needs longer than usual. It is not lowered
    /// again: shorter limits are kept by our own read time-out and `KILL QUERY`, which costs no
    /// round trip per read.
    pub(crate) async fn allow(&mut self, timeout: Duration) -> Result<(), mysql_async::Error> {
        if timeout > self.limit {
            let sql = format!(
                "SET SESSION {}",
                limit_setting(self.server.flavour, timeout)
            );
            self.conn.query_drop(sql).await?;
            self.limit = timeout;
        }
        Ok(())
    }

    /// Whether the server still answers on it.
    pub(crate) async fn answers(&mut self, within: Duration) -> bool {
        let ping = tokio::time::timeout(within, self.conn.ping()).await;
        self.used_at = Instant::now();
        matches!(ping, Ok(Ok(())))
    }
}

/// Asks the server what it is.
pub(crate) async fn learn(conn: &mut Conn) -> Result<Facts, SourceError> {
    let variables: Vec<(String, Option<String>)> =
        conn.query(VARIABLES).await.map_err(set_up_error)?;
    let variables: HashMap<_, _> = variables
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.unwrap_or_default()))
        .collect();
    facts(&variables).ok_or_else(|| unreachable("what answers there names no MySQL version"))
}

/// `wait_timeout` is set so that the held connection is not closed for idleness.
fn set_up(server: &Server, limit: Duration) -> String {
    let read_only = match server.flavour {
        Flavour::MariaDb if server.version < MARIADB_RENAMES_READ_ONLY => "tx_read_only",
        _ => "transaction_read_only",
    };
    // MySQL answers questions for sizes and counters of a table from a cache that may be a day old.
    let fresh = match server.flavour {
        Flavour::MySql => ", SESSION information_schema_stats_expiry = 0",
        Flavour::MariaDb => "",
    };
    format!(
        "SET NAMES utf8mb4, SESSION {read_only} = 1, SESSION autocommit = 1, \
         SESSION {}{fresh}, SESSION lock_wait_timeout = {wait}, SESSION innodb_lock_wait_timeout = {wait}, \
         SESSION wait_timeout = 28800, SESSION sql_mode = '', SESSION time_zone = '+00:00'",
        limit_setting(server.flavour, limit),
        wait = LOCK_WAIT.as_secs(),
    )
}

const MARIADB_RENAMES_READ_ONLY: Version = Version {
    major: 11,
    minor: 1,
    patch: 1,
};

/// Milliseconds in MySQL, where it limits `SELECT` only; seconds in MariaDB.
fn limit_setting(flavour: Flavour, limit: Duration) -> String {
    match flavour {
        Flavour::MySql => format!("max_execution_time = {}", limit.as_millis()),
        Flavour::MariaDb => format!("max_statement_time = {:.3}", limit.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use storex_sources::Vendor;

    use super::*;

    fn sql(flavour: Flavour, version: &str) -> String {
        let server = Server {
            flavour,
            vendor: Vendor::Community,
            version: Version::parse(version).unwrap(),
            performance_schema: true,
            read_only: false,
        };
        set_up(&server, Duration::from_millis(5500))
    }

    #[test]
    fn every_flavour_is_limited_and_read_only_in_its_own_words() {
        let mysql = sql(Flavour::MySql, "8.0.36");
        assert!(mysql.contains("transaction_read_only = 1"), "{mysql}");
        assert!(mysql.contains("max_execution_time = 5500"), "{mysql}");
        assert!(
            mysql.contains("information_schema_stats_expiry = 0"),
            "{mysql}"
        );
        let mariadb = sql(Flavour::MariaDb, "10.11.6");
        assert!(mariadb.contains("SESSION tx_read_only = 1"), "{mariadb}");
        assert!(mariadb.contains("max_statement_time = 5.500"), "{mariadb}");
        let newer = sql(Flavour::MariaDb, "11.8.2");
        assert!(
            newer.contains("SESSION transaction_read_only = 1"),
            "{newer}"
        );
    }
}
