//! Incidents of the engine reach their condition on each server, state who did it, and end.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use storex_testkit::incidents::Kind;
use storex_testkit::{Flavour, MySqlServer, Options, accounts};
use tokio::time::sleep;

const SET_BACK_TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(200);

/// Causes an incident twice, and looks whether the setting it changed is set back.
async fn twice(flavour: Flavour, kind: Kind, setting: &str, user: &str) -> Result<()> {
    let server = MySqlServer::start(flavour, Options::default()).await?;
    accounts::create_shop(&server).await?;
    let mut root = server.root().await?;
    let query = format!("SELECT @@GLOBAL.{setting}");
    let before: Option<u64> = root.query_first(&query).await?;
    kind.start(&server).await?.end().await?;
    wait_until_back(&mut root, &query, before).await?;
    let incident = kind.start(&server).await?;
    let during: Option<u64> = root.query_first(&query).await?;
    ensure!(during < before, "{setting} is {during:?}");
    ensure!(incident.truth().culprit.user == user && incident.truth().object == setting);
    incident.end().await?;
    wait_until_back(&mut root, &query, before).await?;
    server.stop().await
}

/// A buffer pool grows in the background.
async fn wait_until_back(root: &mut Conn, query: &str, before: Option<u64>) -> Result<()> {
    let mut now: Option<u64> = None;
    for _ in 0..SET_BACK_TRIES {
        now = root.query_first(query).await?;
        if now == before {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
    bail!("{query} is not back: {now:?}")
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
