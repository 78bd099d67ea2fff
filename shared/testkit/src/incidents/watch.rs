//! Waiting until the server itself shows a condition.

use std::time::Duration;

use anyhow::{Result, bail};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::time::{Instant, sleep};

/// `InnoDB`'s tables in `information_schema` are a copy that is renewed only after nobody has read
/// it for 100 ms; asking more often would show the first answer for ever.
const POLL: Duration = Duration::from_millis(150);
const LIMIT: Duration = Duration::from_secs(60);

/// The one number `query` returns.
pub(super) async fn number(conn: &mut Conn, query: &str) -> Result<u64> {
    Ok(conn.query_first(query).await?.unwrap_or_default())
}

/// Asks until `query`, which returns one number, answers at least `wanted`.
pub(super) async fn at_least(conn: &mut Conn, query: &str, wanted: u64, what: &str) -> Result<()> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let seen = number(conn, query).await?;
        if seen >= wanted {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{what}: {seen} of {wanted} after {} s", LIMIT.as_secs());
        }
        sleep(POLL).await;
    }
}

/// Waits until each of the sessions waits for a row lock.
pub(super) async fn row_lock_waits(conn: &mut Conn, ids: &[u32]) -> Result<()> {
    let query = format!(
        "SELECT COUNT(*) FROM information_schema.innodb_trx \
         WHERE trx_state = 'LOCK WAIT' AND trx_mysql_thread_id IN ({})",
        list(ids)
    );
    at_least(
        conn,
        &query,
        ids.len() as u64,
        "sessions waiting for a row lock",
    )
    .await
}

/// Waits until each of the sessions waits for a metadata lock.
pub(super) async fn metadata_lock_waits(conn: &mut Conn, ids: &[u32]) -> Result<()> {
    let query = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE state = 'Waiting for table metadata lock' AND id IN ({})",
        list(ids)
    );
    at_least(
        conn,
        &query,
        ids.len() as u64,
        "sessions waiting for a metadata lock",
    )
    .await
}

/// Waits until the sessions are idle.
pub(super) async fn sleeping(conn: &mut Conn, ids: &[u32]) -> Result<()> {
    let query = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE command = 'Sleep' AND id IN ({})",
        list(ids)
    );
    at_least(conn, &query, ids.len() as u64, "idle sessions").await
}

fn list(ids: &[u32]) -> String {
    let words: Vec<String> = ids.iter().map(u32::to_string).collect();
    words.join(",")
}
