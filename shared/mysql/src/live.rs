//! [`LiveMySql`]: one instance of the inventory, read live.

use std::sync::Arc;
use std::time::{Duration, Instant};

use storex_fleet::MySqlEndpoint;
use storex_sources::{Limits, MySql, MySqlSource, SourceError};
use tokio_util::sync::CancellationToken;

use crate::breaker::{BreakerState, reason};
use crate::pool::Pool;
use crate::reader::LiveReader;
use crate::settings::Settings;

/// One instance read live. Cheap to clone; clones share its connections.
#[derive(Clone)]
pub struct LiveMySql {
    pool: Arc<Pool>,
}

/// What readiness and metrics show of an instance's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Connections open, in use or idle; never above `limit`.
    pub open: usize,
    /// Connections lent to calls, being made, or held by a statement that hangs.
    pub in_use: usize,
    /// Statements that were killed and have not ended.
    pub stuck: usize,
    /// Connections open at most.
    pub limit: usize,
    /// What the next attempt to connect would meet.
    pub breaker: BreakerState,
    /// The last failure in a few words, until the instance answers again.
    pub last_error: Option<String>,
}

impl LiveMySql {
    /// The instance `name` of the inventory. Connects at the first read.
    pub fn new(name: impl Into<String>, endpoint: MySqlEndpoint, settings: Settings) -> Self {
        Self {
            pool: Pool::new(name.into(), endpoint, settings),
        }
    }

    /// Opens the connection that is held from then on, so that a later exhaustion of the server's
    /// connections does not lock us out.
    ///
    /// # Errors
    /// As for a read that has to connect.
    pub async fn warm(&self) -> Result<(), SourceError> {
        let limits = Limits {
            deadline: Instant::now() + self.pool.settings.connect_timeout + Duration::from_secs(1),
            cancel: CancellationToken::new(),
        };
        self.open(limits).server().await.map(|_| ())
    }

    /// Says goodbye on the connections not in use, before a shutdown: the server would count them
    /// as aborted otherwise. A later read connects anew.
    pub async fn close(&self) {
        self.pool.close_idle().await;
    }

    /// Its connections and its breaker now.
    pub fn health(&self) -> Health {
        let breaker = &self.pool.connector.breaker;
        Health {
            open: self.pool.open(),
            in_use: self.pool.in_use(),
            stuck: self.pool.stuck.count(),
            limit: self.pool.limit,
            breaker: breaker.state(),
            last_error: breaker.last_error().as_ref().map(reason),
        }
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }
}

impl MySqlSource for LiveMySql {
    fn open(&self, limits: Limits) -> Box<dyn MySql> {
        Box::new(LiveReader::new(Arc::clone(&self.pool), limits))
    }

    fn kind(&self) -> &'static str {
        "live"
    }
}
