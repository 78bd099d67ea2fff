//! Whatever goes wrong is told in words that say what to do, in time, and without a secret.

mod arguments;
mod coverage;
mod hostile_text;
mod sharing;
mod stopping;
mod tls;
mod unreachable;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use serde_json::json;
use storex_integration_tests::House;
use storex_testkit::MySqlServer;
use storex_tool::{Credential, Reply};

use crate::callers::call;

/// The tool that is asked where any would do.
const TOOL: &str = "innodb_lock_waits";

/// Asks about the instance `shop`, within the tool's deadline.
async fn ask(house: &House) -> Result<Arc<Reply>> {
    let started = Instant::now();
    let reply = call(
        house,
        Credential::Local,
        TOOL,
        json!({ "instance": "shop" }),
    )
    .await?;
    let took = started.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    Ok(reply)
}

/// An error with this code, whose text has all these words and none of what it must not tell.
fn assert_told(reply: &Arc<Reply>, code: &str, words: &[&str]) {
    assert_eq!(reply.structured["error"]["code"], code, "{}", reply.text);
    for word in words {
        assert!(
            reply.text.contains(word),
            "{word:?} is not in: {}",
            reply.text
        );
    }
    let all = format!("{}{}", reply.text, reply.structured);
    for secret in ["hunter2", "127.0.0.1", "storex-user", "@'"] {
        assert!(!all.contains(secret), "{secret:?} is told: {all}");
    }
}

/// Statements running on a server that begin so.
async fn running(server: &MySqlServer, statement: &str) -> Result<u64> {
    let mut root = server.root().await?;
    let count: Option<u64> = root
        .exec_first(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE CONCAT(?, '%')",
            (statement,),
        )
        .await?;
    root.disconnect().await?;
    count.context("nothing was counted")
}

/// Waits until so many statements that begin so run on a server.
async fn wait_for(
    server: &MySqlServer,
    statement: &str,
    wanted: u64,
    within: Duration,
) -> Result<()> {
    let end = Instant::now() + within;
    loop {
        let seen = running(server, statement).await?;
        if seen == wanted {
            return Ok(());
        }
        anyhow::ensure!(
            Instant::now() < end,
            "{seen} of {statement:?} run, not {wanted}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
