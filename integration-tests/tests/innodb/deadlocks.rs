//! `innodb_deadlocks` names both parties, the table and the reason on real servers.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::{Kind, deadlock_storm};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer};

use super::shop;

const TOOL: &str = "innodb_deadlocks";

/// The concise answer keeps within 1,500 tokens, the full one within 6,000.
fn assert_short(answer: &Value, tokens: usize) {
    let size = answer.to_string().len() / 4;
    assert!(size <= tokens, "{size} tokens: {answer:#}");
}

fn statement(answer: &Value) -> &str {
    answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default()
}

async fn storm(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let before = house.ask(TOOL, json!({ "instance": "shop" })).await?;
    assert_eq!(before["findings"], json!([]), "{before:#}");
    assert_eq!(before["deadlocks_per_s"], 0.0, "{before:#}");
    let headline = before["headline"].as_str().unwrap_or_default();
    assert!(headline.starts_with("no deadlock"), "{before:#}");

    let incident = Kind::DeadlockStorm.start(&server).await?;
    let answer = house.ask(TOOL, json!({ "instance": "shop" })).await?;
    assert_short(&answer, 1_500);
    assert_eq!(answer["findings"][0]["id"], "deadlock_storm", "{answer:#}");
    let truth = incident.truth();
    for part in [
        truth.culprit.user.as_str(),
        truth.culprit.program_name.as_str(),
        truth.victims[0].user.as_str(),
        truth.victims[0].program_name.as_str(),
        truth.object.as_str(),
        "PRIMARY",
        "opposite lock order",
    ] {
        assert!(
            statement(&answer).contains(part),
            "{part:?} is not in {answer:#}"
        );
    }
    assert!(answer["deadlocks_per_s"].as_f64() > Some(0.9), "{answer:#}");
    if flavour == Flavour::Mysql97 {
        let text = answer["findings"][0]["evidence"].to_string();
        assert!(text.contains("rolled_back_by_user"), "{answer:#}");
    }
    let full = house
        .ask(TOOL, json!({ "instance": "shop", "detail": "full" }))
        .await?;
    assert_short(&full, 6_000);
    assert!(
        !full.to_string().contains("id = 1"),
        "literals are shown: {full:#}"
    );
    incident.end().await?;

    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = house.ask(TOOL, json!({ "instance": "shop" })).await?;
    let finding = &after["findings"][0];
    assert_eq!(finding["id"], "deadlock_recent", "{after:#}");
    assert_eq!(
        finding["severity"], "info",
        "one that is over is no warning: {after:#}"
    );
    traffic.stop().await;
    server.stop().await
}

#[tokio::test]
async fn both_parties_of_a_storm_are_named_on_mysql() -> Result<()> {
    storm(Flavour::Mysql97).await
}

#[tokio::test]
async fn both_parties_of_a_storm_are_named_on_mariadb() -> Result<()> {
    storm(Flavour::Mariadb1011).await
}

/// The newest deadlock of an answer.
async fn newest(house: &House) -> Result<Value> {
    let answer = house.ask(TOOL, json!({ "instance": "shop" })).await?;
    for finding in answer["findings"].as_array().unwrap() {
        assert_eq!(
            finding["severity"], "info",
            "one deadlock is no storm: {answer:#}"
        );
    }
    Ok(answer["deadlocks"][0].clone())
}

async fn kinds(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;

    deadlock_storm::gap_and_insert(&server).await?;
    let gap = newest(&house).await?;
    assert_eq!(gap["pattern"], "gap_lock_and_insert", "{gap:#}");

    deadlock_storm::shared_upgrade(&server).await?;
    let upgrade = newest(&house).await?;
    assert_eq!(upgrade["pattern"], "shared_to_exclusive", "{upgrade:#}");

    deadlock_storm::three_way(&server).await?;
    let three = newest(&house).await?;
    assert_eq!(three["pattern"], "opposite_order", "{three:#}");
    assert_eq!(
        three["transactions"].as_array().map(Vec::len),
        Some(3),
        "{three:#}"
    );
    let order = three["order"].as_str().unwrap_or_default();
    for user in ["checkout", "worker", "batch"] {
        assert!(order.contains(&format!("user {user}")), "{three:#}");
    }

    deadlock_storm::duplicate_key(&server).await?;
    let duplicate = newest(&house).await?;
    assert_eq!(duplicate["pattern"], "duplicate_key_check", "{duplicate:#}");

    deadlock_storm::foreign_key_parent(&server).await?;
    let parent = newest(&house).await?;
    assert_eq!(parent["pattern"], "foreign_key_parent", "{parent:#}");

    deadlock_storm::different_indexes(&server).await?;
    let indexes = newest(&house).await?;
    assert_eq!(indexes["pattern"], "different_indexes", "{indexes:#}");
    server.stop().await
}

#[tokio::test]
async fn kinds_of_deadlocks_are_told_apart_on_mysql() -> Result<()> {
    kinds(Flavour::Mysql97).await
}

#[tokio::test]
async fn kinds_of_deadlocks_are_told_apart_on_mariadb() -> Result<()> {
    kinds(Flavour::Mariadb1011).await
}

async fn set_global(server: &MySqlServer, settings: &[&str]) -> Result<()> {
    let mut root = server.root().await?;
    for setting in settings {
        root.query_drop(format!("SET GLOBAL {setting}")).await?;
    }
    root.disconnect().await?;
    Ok(())
}

#[tokio::test]
async fn the_error_log_tells_of_earlier_deadlocks_on_mysql() -> Result<()> {
    let server = shop(Flavour::Mysql97).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    deadlock_storm::three_way(&server).await?;
    deadlock_storm::shared_upgrade(&server).await?;
    let blind = house.ask(TOOL, json!({ "instance": "shop" })).await?;
    let missing = blind["coverage"]["missing"].to_string();
    assert!(
        missing.contains("innodb_print_all_deadlocks = ON"),
        "{blind:#}"
    );

    set_global(&server, &["innodb_print_all_deadlocks = ON"]).await?;
    let half_blind = house.ask(TOOL, json!({ "instance": "shop" })).await?;
    let missing = half_blind["coverage"]["missing"].to_string();
    assert!(
        missing.contains("log_error_verbosity = 3"),
        "{half_blind:#}"
    );

    set_global(&server, &["log_error_verbosity = 3"]).await?;
    deadlock_storm::three_way(&server).await?;
    for _ in 0..4 {
        deadlock_storm::shared_upgrade(&server).await?;
    }
    let answer = house.ask(TOOL, json!({ "instance": "shop" })).await?;
    assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    assert_eq!(answer["error_log"]["deadlocks"], 5, "{answer:#}");
    assert_eq!(answer["error_log"]["larger_circles"], 1, "{answer:#}");
    assert_eq!(
        answer["findings"][0]["id"], "deadlocks_recurring",
        "{answer:#}"
    );
    assert!(statement(&answer).contains("shop.accounts"), "{answer:#}");
    server.stop().await
}
