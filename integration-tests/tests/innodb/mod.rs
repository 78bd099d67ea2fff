//! The InnoDB server on real servers.

mod config;
mod deadlocks;
mod lock_kinds;
mod lock_waits;
mod pressure;
mod pressure_limits;
mod pressure_variants;
mod replication;
mod schema;
mod status;
mod transactions;

use anyhow::Result;
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, accounts};

/// A server with the shop, its performance schema recording all that tools can use.
pub(crate) async fn shop(flavour: Flavour) -> Result<MySqlServer> {
    shop_with(
        flavour,
        Options {
            performance_schema: PerformanceSchema::Full,
            ..Options::default()
        },
    )
    .await
}

async fn shop_with(flavour: Flavour, options: Options) -> Result<MySqlServer> {
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    Ok(server)
}
