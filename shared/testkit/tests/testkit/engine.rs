//! Incidents of the engine reach their condition on each server, state who did it, and end.

use anyhow::{Result, ensure};
use mysql_async::prelude::Queryable;
use storex_testkit::incidents::Kind;
use storex_testkit::{Flavour, MySqlServer, Options, accounts};

/// Causes an incident twice, and looks whether the setting it changed is set back.
async fn twice(flavour: Flavour, kind: Kind, setting: &str, user: &str) -> Result<()> {
    let server = MySqlServer::start(flavour, Options::default()).await?;
    accounts::create_shop(&server).await?;
    let mut root = server.root().await?;
    let query = format!("SELECT @@GLOBAL.{setting}");
    let before: Option<u64> = root.query_first(&query).await?;
    kind.start(&server).await?.end().await?;
    let incident = kind.start(&server).await?;
    let during: Option<u64> = root.query_first(&query).await?;
    ensure!(during < before, "{setting} is {during:?}");
    ensure!(incident.truth().culprit.user == user && incident.truth().object == setting);
    incident.end().await?;
    let after: Option<u64> = root.query_first(&query).await?;
    ensure!(before == after, "{setting} was not set back: {after:?}");
    server.stop().await
}

#[tokio::test]
async fn mysql_buffer_pool_thrash() -> Result<()> {
    let setting = "innodb_buffer_pool_size";
    twice(
        Flavour::Mysql97,
        Kind::BufferPoolThrash,
        setting,
        "reporting",
    )
    .await
}

#[tokio::test]
async fn mariadb_buffer_pool_thrash() -> Result<()> {
    let setting = "innodb_buffer_pool_size";
    twice(
        Flavour::Mariadb1011,
        Kind::BufferPoolThrash,
        setting,
        "reporting",
    )
    .await
}

#[tokio::test]
async fn mysql_redo_small() -> Result<()> {
    let setting = "innodb_redo_log_capacity";
    twice(Flavour::Mysql97, Kind::RedoSmall, setting, "worker").await
}

#[tokio::test]
async fn mariadb_redo_small() -> Result<()> {
    let setting = "innodb_log_file_size";
    twice(Flavour::Mariadb1011, Kind::RedoSmall, setting, "worker").await
}
