//! `innodb_transactions` names who keeps purge back.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::Flavour;
use storex_testkit::incidents::long_read_view;
use storex_testkit::traffic::{HEALTHY, Traffic};

use super::shop;

async fn long_read_view(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let question = json!({ "instance": "shop" });
    let before = house.ask("innodb_transactions", question.clone()).await?;
    assert_eq!(
        before["findings"],
        json!([]),
        "healthy traffic makes no finding"
    );

    let incident = long_read_view::start(&server, 2_000).await?;
    // A view that is younger than this is a statement at work, and no finding.
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    let answer = house.ask("innodb_transactions", question).await?;
    let truth = incident.truth();
    let statement = answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default();
    let id = truth.culprit.connection_ids[0];
    assert!(
        statement.contains(&format!("connection {id} ")),
        "{answer:#}"
    );
    assert!(
        statement.contains(&truth.culprit.program_name),
        "{answer:#}"
    );
    assert_eq!(answer["findings"][0]["id"], "purge_held_by_read_view");
    assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    incident.end().await?;
    traffic.stop().await;
    server.stop().await
}

#[tokio::test]
async fn the_holder_of_the_oldest_read_view_is_named_on_mysql() -> Result<()> {
    long_read_view(Flavour::Mysql97).await
}

#[tokio::test]
async fn the_holder_of_the_oldest_read_view_is_named_on_mariadb() -> Result<()> {
    long_read_view(Flavour::Mariadb1011).await
}
