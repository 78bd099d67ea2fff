//! Logs that real servers write, read by the source for files and through the stack.

mod aws;
mod azure;
mod files;
mod google;
mod table;
mod tools;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use storex_testkit::{Flavour, MySqlServer, Options, SlowLog};

/// A server that logs every statement.
async fn logging(flavour: Flavour) -> Result<MySqlServer> {
    let options = Options {
        slow_log: SlowLog::Everything,
        ..Options::default()
    };
    MySqlServer::start(flavour, options).await
}

/// Runs statements that carry these numbers, one after the other.
async fn run_numbered(server: &MySqlServer, numbers: std::ops::Range<usize>) -> Result<()> {
    let mut conn = server.root().await?;
    for number in numbers {
        let text = "x".repeat(number * 37 % 400);
        let statement = format!("SELECT '{text}' /* number {number}. */");
        conn.query_drop(statement).await?;
    }
    conn.disconnect().await?;
    server.quiet().await
}

/// The numbers of the statements in a log, in its order.
fn numbers(log: &[u8]) -> Vec<usize> {
    let text = String::from_utf8_lossy(log);
    text.split("/* number ")
        .skip(1)
        .filter_map(|rest| rest.split_once(". */")?.0.parse().ok())
        .collect()
}
