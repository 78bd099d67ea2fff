//! The slow-log server on real servers.

mod attacks;
mod built_in;
mod digest;
mod errors;
mod explain;
mod files;
mod history;
mod incidents;
mod ledger;

use anyhow::Result;
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, SlowLog, accounts};

/// A server with the shop, its performance schema recording all that tools can use.
async fn shop(flavour: Flavour) -> Result<MySqlServer> {
    let options = Options {
        performance_schema: PerformanceSchema::Full,
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    Ok(server)
}

/// A server with the shop that logs every statement.
async fn logging_shop(flavour: Flavour) -> Result<MySqlServer> {
    let options = Options {
        performance_schema: PerformanceSchema::Full,
        slow_log: SlowLog::Everything,
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    Ok(server)
}
