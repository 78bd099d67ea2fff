//! Each incident reaches its condition on each server, states who did it, and ends.

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use storex_testkit::accounts::{self, App};
use storex_testkit::incidents::{Kind, Truth};
use storex_testkit::{Flavour, MySqlServer, Options};

async fn shop(flavour: Flavour) -> Result<MySqlServer> {
    let options = Options {
        max_connections: Some(30),
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    Ok(server)
}

/// Causes an incident twice: a first one that was not cleared up would spoil the second.
async fn twice(flavour: Flavour, kind: Kind) -> Result<Truth> {
    let server = shop(flavour).await?;
    let incident = kind.start(&server).await?;
    let json = serde_json::to_string(incident.truth())?;
    let read: Truth = serde_json::from_str(&json)?;
    ensure!(&read == incident.truth(), "the truth changes when written");
    incident.end().await?;
    let incident = kind.start(&server).await?;
    let truth = incident.truth().clone();
    if kind == Kind::ConnectionExhaustion {
        ensure!(
            App::Checkout.connect(&server).await.is_err(),
            "a checkout was let in"
        );
    }
    incident.end().await?;
    let mut conn = App::Checkout.connect(&server).await?;
    conn.query_drop("UPDATE inventory SET reserved = 0 WHERE product_id = 1")
        .await?;
    conn.query_drop("SELECT id FROM orders LIMIT 1").await?;
    Ok(truth)
}

async fn hot_row(flavour: Flavour) -> Result<()> {
    let truth = twice(flavour, Kind::HotRow).await?;
    let victims = truth.victims.first().context("no victims")?;
    ensure!(truth.culprit.user == "batch" && victims.connection_ids.len() == 6);
    Ok(())
}

async fn mdl_pileup(flavour: Flavour) -> Result<()> {
    let truth = twice(flavour, Kind::MdlPileup).await?;
    ensure!(truth.culprit.program_name == "reporting-jobs");
    ensure!(truth.via.first().is_some_and(|via| via.user == "deploy"));
    Ok(())
}

async fn connection_exhaustion(flavour: Flavour) -> Result<()> {
    let truth = twice(flavour, Kind::ConnectionExhaustion).await?;
    let culprits = truth.culprit.connection_ids.len();
    ensure!((29..=30).contains(&culprits), "{culprits}");
    Ok(())
}

async fn long_read_view(flavour: Flavour) -> Result<()> {
    let truth = twice(flavour, Kind::LongReadView).await?;
    ensure!(truth.culprit.user == "reporting" && truth.victims.is_empty());
    Ok(())
}

async fn plan_switch(flavour: Flavour) -> Result<()> {
    let truth = twice(flavour, Kind::PlanSwitch).await?;
    ensure!(truth.culprit.user == "root" && truth.object.ends_with("index_merge"));
    Ok(())
}

async fn deadlock_storm(flavour: Flavour) -> Result<()> {
    let truth = twice(flavour, Kind::DeadlockStorm).await?;
    ensure!(truth.culprit.user == "worker" && truth.object == "shop.accounts");
    ensure!(
        truth
            .victims
            .first()
            .is_some_and(|victims| victims.user == "checkout")
    );
    Ok(())
}

#[tokio::test]
async fn mysql_hot_row() -> Result<()> {
    hot_row(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_hot_row() -> Result<()> {
    hot_row(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn mysql_mdl_pileup() -> Result<()> {
    mdl_pileup(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_mdl_pileup() -> Result<()> {
    mdl_pileup(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn mysql_connection_exhaustion() -> Result<()> {
    connection_exhaustion(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_connection_exhaustion() -> Result<()> {
    connection_exhaustion(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn mysql_long_read_view() -> Result<()> {
    long_read_view(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_long_read_view() -> Result<()> {
    long_read_view(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn mysql_deadlock_storm() -> Result<()> {
    deadlock_storm(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_deadlock_storm() -> Result<()> {
    deadlock_storm(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn mysql_plan_switch() -> Result<()> {
    plan_switch(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_plan_switch() -> Result<()> {
    plan_switch(Flavour::Mariadb1011).await
}
