//! `innodb_status` reads real monitors.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::Flavour;
use storex_testkit::incidents::Kind;
use storex_testkit::traffic::{HEALTHY, Traffic};

use super::shop;

async fn status(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let quiet = house
        .ask("innodb_status", json!({ "instance": "shop" }))
        .await?;
    assert_eq!(
        quiet["findings"],
        json!([]),
        "healthy traffic makes no finding: {quiet:#}"
    );
    assert_eq!(
        quiet["coverage"]["missing"],
        Value::Null,
        "every line is understood: {quiet:#}"
    );
    let window = quiet["window_s"].as_f64().unwrap_or_default();
    assert!((1.0..5.0).contains(&window), "{quiet:#}");
    assert!(
        quiet["rates"]["fsyncs_per_s"].as_f64().is_some(),
        "{quiet:#}"
    );
    assert!(
        quiet["now"]["checkpoint_age_bytes"].as_u64().is_some(),
        "{quiet:#}"
    );

    let incident = Kind::HotRow.start(&server).await?;
    let question = json!({ "instance": "shop", "detail": "full" });
    let answer = house.ask("innodb_status", question).await?;
    assert_eq!(answer["findings"][0]["id"], "row_lock_queue", "{answer:#}");
    assert_eq!(
        answer["findings"][0]["next"][0]["tool"],
        "innodb_lock_waits"
    );
    assert!(
        answer["sections"]["buffer_pool"]["total"]["size_pages"]
            .as_u64()
            .is_some(),
        "{answer:#}"
    );
    incident.end().await?;
    traffic.stop().await;
    server.stop().await
}

#[tokio::test]
async fn the_monitor_of_mysql_is_read_whole() -> Result<()> {
    status(Flavour::Mysql97).await
}

#[tokio::test]
async fn the_monitor_of_mariadb_is_read_whole() -> Result<()> {
    status(Flavour::Mariadb1011).await
}
