//! A replica follows its source, and stops when it is told.

use anyhow::{Result, ensure};
use mysql_async::prelude::Queryable;
use storex_testkit::incidents::replication_lag::{self, Table};
use storex_testkit::replica::{Replica, ReplicaOptions};
use storex_testkit::{Flavour, MySqlServer, Options, accounts};

async fn pair(flavour: Flavour) -> Result<(MySqlServer, Replica)> {
    let options = Options {
        binlog: true,
        ..Options::default()
    };
    let source = MySqlServer::start(flavour, options.clone()).await?;
    accounts::create_shop(&source).await?;
    let options = ReplicaOptions {
        server: options,
        workers: Some(2),
        ..ReplicaOptions::default()
    };
    let replica = Replica::of(&source, options).await?;
    Ok((source, replica))
}

async fn orders(server: &MySqlServer) -> Result<u64> {
    let mut root = server.root().await?;
    let orders = root.query_first("SELECT COUNT(*) FROM shop.orders").await?;
    root.disconnect().await?;
    Ok(orders.unwrap_or_default())
}

async fn follows(flavour: Flavour) -> Result<()> {
    let (source, replica) = pair(flavour).await?;
    replica.catch_up(&source).await?;
    ensure!(orders(replica.server()).await? == orders(&source).await?);
    replica.stop_threads().await?;
    replica.start_threads().await?;
    let incident = replication_lag::start(&source, &replica, Table::WithoutKey).await?;
    ensure!(incident.truth().culprit.user == "batch");
    incident.end().await?;
    // It is still at work: a clean stop would wait for the transaction to be rolled back.
    drop(replica);
    source.stop().await
}

#[tokio::test]
async fn mysql_replica() -> Result<()> {
    follows(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_replica() -> Result<()> {
    follows(Flavour::Mariadb1011).await
}
