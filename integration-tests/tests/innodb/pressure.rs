//! `innodb_pressure` names what presses on real servers, and who drives it.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::{Kind, Truth, long_read_view};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options};

use super::{shop, shop_with};

/// What a concise answer may cost: 1,500 tokens of four bytes.
const CONCISE_BYTES: usize = 6_000;

async fn ask(house: &House) -> Result<Value> {
    house
        .ask("innodb_pressure", json!({ "instance": "shop" }))
        .await
}

/// The first finding is this cause and names user, program and statement.
fn assert_blames(answer: &Value, id: &str, truth: &Truth, shape: &str) {
    let first = &answer["findings"][0];
    assert_eq!(first["id"], id, "{answer:#}");
    let statement = first["statement"].as_str().unwrap_or_default();
    for part in [&truth.culprit.program_name, &truth.culprit.user, shape] {
        assert!(statement.contains(part), "{part:?} is not in {answer:#}");
    }
    let bytes = answer.to_string().len();
    assert!(bytes <= CONCISE_BYTES, "{bytes} bytes: {answer:#}");
}

/// Healthy traffic first, the incident then, on one server.
async fn before_and_during(server: &MySqlServer, kind: Kind) -> Result<(Value, Truth)> {
    let house = House::over(&[Instance::of("shop", server)])?;
    let traffic = Traffic::start(server, &HEALTHY).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = ask(&house).await?;
    assert_eq!(before["findings"], json!([]), "{before:#}");
    assert_eq!(before["coverage"]["missing"], Value::Null, "{before:#}");
    assert!(before["window_s"].as_f64() > Some(4.0), "{before:#}");

    let incident = kind.start(server).await?;
    let during = ask(&house).await?;
    let truth = incident.truth().clone();
    incident.end().await?;
    traffic.stop().await;
    Ok((during, truth))
}

async fn thrash(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let (answer, truth) = before_and_during(&server, Kind::BufferPoolThrash).await?;
    assert_blames(
        &answer,
        "scan_floods_buffer_pool",
        &truth,
        "FROM `sales_history`",
    );
    let statement = answer["findings"][0]["statement"].as_str();
    assert!(
        statement.is_some_and(|text| text.contains("set at run time")),
        "{answer:#}"
    );
    server.stop().await
}

#[tokio::test]
async fn a_scan_that_floods_a_shrunk_pool_is_named_on_mysql() -> Result<()> {
    thrash(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_scan_that_floods_a_shrunk_pool_is_named_on_mariadb() -> Result<()> {
    thrash(Flavour::Mariadb1011).await
}

async fn redo_small(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let (answer, truth) = before_and_during(&server, Kind::RedoSmall).await?;
    assert_blames(
        &answer,
        "redo_log_too_small",
        &truth,
        "UPDATE `sales_history`",
    );
    let step = answer["findings"][0]["remedy"][0]["step"].as_str();
    assert!(
        step.is_some_and(|step| step.contains(&truth.object)),
        "{answer:#}"
    );
    server.stop().await
}

#[tokio::test]
async fn a_tiny_redo_log_is_told_with_its_writer_on_mysql() -> Result<()> {
    redo_small(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_tiny_redo_log_is_told_with_its_writer_on_mariadb() -> Result<()> {
    redo_small(Flavour::Mariadb1011).await
}

async fn history(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let incident = long_read_view::start(&server, 2_000).await?;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let answer = ask(&house).await?;
    let first = &answer["findings"][0];
    assert_eq!(first["id"], "purge_held_by_read_view", "{answer:#}");
    let statement = first["statement"].as_str().unwrap_or_default();
    let program = &incident.truth().culprit.program_name;
    assert!(statement.contains(program), "{answer:#}");
    incident.end().await?;
    server.stop().await
}

#[tokio::test]
async fn a_read_view_that_holds_purge_is_named_on_mysql() -> Result<()> {
    history(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_read_view_that_holds_purge_is_named_on_mariadb() -> Result<()> {
    history(Flavour::Mariadb1011).await
}

/// MariaDB as it is shipped: no performance schema, so running statements by the process list.
#[tokio::test]
async fn without_a_performance_schema_the_process_list_tells_who_writes() -> Result<()> {
    let server = shop_with(Flavour::Mariadb1011, Options::default()).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let incident = Kind::RedoSmall.start(&server).await?;
    let answer = ask(&house).await?;
    let first = &answer["findings"][0];
    assert_eq!(first["id"], "redo_log_too_small", "{answer:#}");
    let statement = first["statement"].as_str().unwrap_or_default();
    for part in ["user worker", "UPDATE sales_history"] {
        assert!(statement.contains(part), "{part:?} is not in {answer:#}");
    }
    // What is missing is told once, with what to do.
    let missing = answer["coverage"]["missing"].as_array().unwrap();
    assert!(missing.len() <= 2, "{answer:#}");
    assert!(
        missing.iter().all(|entry| entry["fix"].is_string()),
        "{answer:#}"
    );
    incident.end().await?;
    server.stop().await
}

#[tokio::test]
async fn every_family_in_full_fits_its_budget() -> Result<()> {
    for flavour in [Flavour::Mysql97, Flavour::Mariadb1011] {
        let server = shop(flavour).await?;
        let house = House::over(&[Instance::of("shop", &server)])?;
        let question = json!({ "instance": "shop", "detail": "full", "window_s": 2 });
        let answer = house.ask("innodb_pressure", question).await?;
        let bytes = answer.to_string().len();
        assert!(bytes <= 24_000, "{bytes} bytes: {answer:#}");
        assert_eq!(answer["truncated"], Value::Null, "{answer:#}");
        for family in ["buffer_pool", "redo_log", "purge", "flushing", "latches"] {
            let figures = answer["figures"][family].as_object();
            assert!(
                figures.is_some_and(|figures| !figures.is_empty()),
                "{family}: {answer:#}"
            );
        }
        server.stop().await?;
    }
    Ok(())
}
