//! Each incident of pressure reaches its condition on each server, states who did it, and ends.

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use storex_testkit::accounts::{self, App};
use storex_testkit::incidents::temp_table_spill::{self, Limit};
use storex_testkit::incidents::{Kind, Truth};
use storex_testkit::{Flavour, MySqlServer, Options, Place, SmallDisk};

async fn shop(flavour: Flavour, options: Options) -> Result<MySqlServer> {
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    Ok(server)
}

/// Causes an incident twice: a first one that was not cleared up would spoil the second.
async fn twice(server: &MySqlServer, kind: Kind) -> Result<Truth> {
    kind.start(server).await?.end().await?;
    let incident = kind.start(server).await?;
    let truth = incident.truth().clone();
    incident.end().await?;
    // Writes succeed again.
    let mut conn = App::Checkout.connect(server).await?;
    conn.query_drop("UPDATE inventory SET reserved = 0 WHERE product_id = 1")
        .await?;
    Ok(truth)
}

async fn temp_table_spill(flavour: Flavour) -> Result<()> {
    let server = shop(flavour, Options::default()).await?;
    let mut root = server.root().await?;
    let query = "SELECT @@GLOBAL.tmp_table_size";
    let before: Option<u64> = root.query_first(query).await?;
    let truth = twice(&server, Kind::TempTableSpill).await?;
    ensure!(truth.culprit.user == "reporting" && truth.culprit.connection_ids.len() == 2);
    let after: Option<u64> = root.query_first(query).await?;
    ensure!(before == after, "the limit was not set back");
    let sort = temp_table_spill::start(&server, Limit::Sort, 1).await?;
    ensure!(sort.truth().object == "sort_buffer_size");
    sort.end().await?;
    server.stop().await
}

#[tokio::test]
async fn mysql_temp_table_spill() -> Result<()> {
    temp_table_spill(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_temp_table_spill() -> Result<()> {
    temp_table_spill(Flavour::Mariadb1011).await
}

/// The trap of this incident: a table that finds the memory full when it is made counts nowhere.
#[tokio::test]
async fn mysql_temp_table_max_ram_spills_more_than_is_counted() -> Result<()> {
    let server = shop(Flavour::Mysql97, Options::default()).await?;
    let mut root = server.root().await?;
    let truth = twice(&server, Kind::TempTableMaxRam).await?;
    ensure!(truth.object == "temptable_max_ram");
    let query = "SELECT CAST(SUM(sum_created_tmp_disk_tables) AS UNSIGNED), \
                 CAST(SUM(count_star) AS UNSIGNED), GROUP_CONCAT(digest_text) \
                 FROM performance_schema.events_statements_summary_by_digest \
                 WHERE digest_text LIKE '%FROM `archive`%GROUP BY%'";
    let counted: Option<(u64, u64, String)> = root.query_first(query).await?;
    let (disk_tables, runs, text) = counted.context("no digest")?;
    ensure!(disk_tables < runs, "{disk_tables} of {runs}: {text}");
    server.stop().await
}

async fn fsync_commits(flavour: Flavour) -> Result<()> {
    let options = Options {
        binlog: true,
        place: Place::Disk,
        ..Options::default()
    };
    let server = shop(flavour, options).await?;
    let truth = twice(&server, Kind::FsyncCommits).await?;
    ensure!(truth.culprit.connection_ids.len() == 12 && truth.object == "shop.archive");
    server.stop().await
}

#[tokio::test]
async fn mysql_fsync_commits() -> Result<()> {
    fsync_commits(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_fsync_commits() -> Result<()> {
    fsync_commits(Flavour::Mariadb1011).await
}

async fn connection_storm(flavour: Flavour) -> Result<()> {
    let options = Options {
        max_connections: Some(30),
        ..Options::default()
    };
    let server = shop(flavour, options).await?;
    let truth = twice(&server, Kind::ConnectionStorm).await?;
    ensure!(truth.culprit.user == "mobile" && truth.victims.len() == 2);
    server.stop().await
}

#[tokio::test]
async fn mysql_connection_storm() -> Result<()> {
    connection_storm(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_connection_storm() -> Result<()> {
    connection_storm(Flavour::Mariadb1011).await
}

async fn binlog_disk_full(flavour: Flavour) -> Result<()> {
    let Some(disk) = SmallDisk::mount(12 << 20)? else {
        println!("skipped: this process may not mount a small disk");
        return Ok(());
    };
    let options = Options {
        binlog: true,
        extra_args: vec![format!("--log-bin={}/binlog", disk.path().display())],
        ..Options::default()
    };
    let server = shop(flavour, options).await?;
    let incident = Kind::BinlogDiskFull.start(&server).await?;
    let mut reader = App::Storefront.connect(&server).await?;
    let rows: Option<u64> = reader.query_first("SELECT COUNT(*) FROM products").await?;
    rows.context("reads do not go on")?;
    incident.end().await?;
    let mut conn = App::Checkout.connect(&server).await?;
    conn.query_drop("UPDATE inventory SET reserved = 0 WHERE product_id = 1")
        .await?;
    server.stop().await
}

#[tokio::test]
async fn mysql_binlog_disk_full() -> Result<()> {
    binlog_disk_full(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_binlog_disk_full() -> Result<()> {
    binlog_disk_full(Flavour::Mariadb1011).await
}
