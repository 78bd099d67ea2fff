//! Waiting until a server has done what it does after an answer.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mysql_async::prelude::Queryable;

use super::MySqlServer;

const AT_MOST: Duration = Duration::from_secs(10);

impl MySqlServer {
    /// Waits until no other session runs a statement. A client has its answer before the server writes
    /// the statement to the slow log; once its session is idle, that is written too.
    pub async fn quiet(&self) -> Result<()> {
        let mut root = self.root().await?;
        // What is asked here is not to be logged after it was answered.
        root.query_drop("SET SESSION long_query_time = 3600")
            .await?;
        let began = Instant::now();
        while running(&mut root).await? > 0 {
            ensure!(began.elapsed() < AT_MOST, "a statement goes on running");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(root.disconnect().await?)
    }
}

async fn running(root: &mut mysql_async::Conn) -> Result<u64> {
    let running = root
        .query_first(
            "SELECT COUNT(*) FROM information_schema.processlist \
             WHERE id <> CONNECTION_ID() AND command IN ('Query', 'Execute')",
        )
        .await?;
    Ok(running.unwrap_or_default())
}
