//! What the program takes of memory and connections, second by second.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use storex_integration_tests::{LeastAccount, process};
use storex_testkit::MySqlServer;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::figures::median;

const EVERY: Duration = Duration::from_secs(1);

/// A watch at work.
pub(crate) struct Watch {
    stop: oneshot::Sender<()>,
    watching: JoinHandle<Result<Watched>>,
}

/// What it saw.
#[derive(Default)]
pub(crate) struct Watched {
    memory_mb: Vec<f64>,
    /// Connections of our account at most.
    pub(crate) connections: u64,
}

impl Watch {
    pub(crate) async fn start(server: &MySqlServer, process_id: u32) -> Result<Self> {
        let mut root = server.root().await?;
        let (stop, mut stopped) = oneshot::channel();
        let query = format!(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{}'",
            LeastAccount::USER
        );
        let watching = tokio::spawn(async move {
            let mut watched = Watched::default();
            let mut ticks = tokio::time::interval(EVERY);
            while stopped.try_recv().is_err() {
                ticks.tick().await;
                watched.memory_mb.push(process::rss_mb(process_id)?);
                let open: Option<u64> = root.query_first(&query).await?;
                watched.connections = watched.connections.max(open.unwrap_or_default());
            }
            root.disconnect().await?;
            Ok(watched)
        });
        Ok(Self { stop, watching })
    }

    pub(crate) async fn stop(self) -> Result<Watched> {
        // A watch that has ended by itself says why.
        let _ended = self.stop.send(());
        self.watching.await?
    }
}

impl Watched {
    /// Medians of the first and of the last third.
    pub(crate) fn rss_mb(&self) -> (f64, f64) {
        let third = self.memory_mb.len() / 3;
        let first = self.memory_mb.iter().copied().take(third);
        let last = self.memory_mb.iter().rev().copied().take(third);
        (median(first), median(last))
    }
}
