//! A tool reads logs through the stack: bounded, and with what it could not read in the coverage.

use anyhow::Result;
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_testkit::Flavour;
use storex_tool::Credential;

use super::{logging, run_numbered};
use crate::callers::{call, code};
use crate::odd_tools::{DOMAIN, LOG_BYTES};
use crate::product::Product;

#[tokio::test]
async fn a_tool_reads_the_log_within_the_bytes_it_declared_and_says_what_is_left() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    run_numbered(&server, 0..50).await?;
    let instance = Instance::of("db", &server).with_logs_of(&server);
    let house = House::of(&[instance], "", &[&DOMAIN])?;
    let size = || std::fs::metadata(server.slow_log()).map(|log| log.len());
    // Our own statements are logged as well.
    let before = size()?;
    let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
    let after = size()?;
    assert!(after < LOG_BYTES, "{after}");
    let bytes = answer["bytes"].as_u64().unwrap();
    assert!(
        (before..=after).contains(&bytes),
        "{before} {bytes} {after}"
    );
    assert!(answer["entries"].as_u64().unwrap() >= 50, "{answer}");
    assert_eq!(answer["coverage"]["missing"], json!(null));

    run_numbered(&server, 50..500).await?;
    let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
    assert_eq!(answer["bytes"], LOG_BYTES);
    let missing = answer["coverage"]["missing"][0].to_string();
    assert!(missing.contains("slow log slow.log"), "{missing}");
    assert!(
        missing.contains("were not read: the bytes one call may read"),
        "{missing}"
    );
    Ok(())
}

#[tokio::test]
async fn logs_are_read_while_the_server_cannot_be() -> Result<()> {
    let server = logging(Flavour::Mariadb1011).await?;
    run_numbered(&server, 0..5).await?;
    let instance = Instance::nowhere("db").with_logs_of(&server);
    let house = House::of(&[instance], "", &[&DOMAIN])?;
    let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
    assert_eq!(answer["files"], 1);
    assert_eq!(answer["source"], "logs, live");
    Ok(())
}

#[tokio::test]
async fn an_instance_without_logs_says_what_to_add_to_the_inventory() -> Result<()> {
    let server = logging(Flavour::Mariadb1011).await?;
    let house = House::of(&[Instance::of("db", &server)], "", &[&DOMAIN])?;
    let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
    let missing = &answer["coverage"]["missing"][0];
    assert_eq!(missing["what"], "slow log");
    assert!(
        missing["fix"].as_str().unwrap().contains("[instance.logs]"),
        "{missing}"
    );
    assert!(
        answer["headline"]
            .as_str()
            .unwrap()
            .starts_with("1 of 1 reads are missing")
    );
    Ok(())
}

#[tokio::test]
async fn a_tool_that_declared_no_logs_reads_none() -> Result<()> {
    let server = logging(Flavour::Mariadb1011).await?;
    let instance = Instance::of("db", &server).with_logs_of(&server);
    let house = House::of(&[instance], "", &[&DOMAIN])?;
    let arguments = json!({ "instance": "db" });
    let outcome = call(&house, Credential::Local, "odd_secret_log", arguments).await;
    assert_eq!(code(&outcome), "internal");
    Ok(())
}

#[tokio::test]
async fn the_doctor_tells_of_the_logs_it_finds_and_of_those_it_does_not() -> Result<()> {
    let server = logging(Flavour::Mariadb1011).await?;
    let instance = Instance::of("db", &server).with_logs_of(&server);
    let product = Product::over(&[instance])?;
    let told = product.run(&["doctor"])?;
    for log in ["slow", "error"] {
        let line = format!("ok      {log} log: files: 1, ");
        assert!(told.contains(&line), "{told}");
    }
    std::fs::rename(
        server.slow_log(),
        server.slow_log().with_extension("elsewhere"),
    )?;
    let refused = product.run(&["doctor"]).unwrap_err().to_string();
    assert!(refused.contains("doctor"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_recording_keeps_logs_when_it_is_told_to_and_tools_read_them_from_it() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    run_numbered(&server, 0..20).await?;
    let instance = Instance::of("db", &server).with_logs_of(&server);
    let product = Product::over(&[instance])?;
    let folder = tempfile::tempdir()?;
    for (name, more) in [("with", &["--logs", "60"][..]), ("without", &[])] {
        let to = folder.path().join(name);
        let to = to.to_string_lossy();
        let words = ["record", "db", "--samples", "1", "--to", &*to];
        let told = product.run(&[&words[..], more].concat())?;
        assert_eq!(
            told.contains("they hold literals"),
            name == "with",
            "{told}"
        );
    }
    let recorded = |name: &str| Instance::snapshot(name, &folder.path().join(name));
    let house = House::of(&[recorded("with"), recorded("without")], "", &[&DOMAIN])?;
    let with = house.ask("odd_log", json!({ "instance": "with" })).await?;
    assert!(with["entries"].as_u64().unwrap() >= 20, "{with}");
    let without = house
        .ask("odd_log", json!({ "instance": "without" }))
        .await?;
    let why = without["coverage"]["missing"][0]["why"].as_str().unwrap();
    assert!(why.contains("not captured in this snapshot"), "{without}");
    Ok(())
}
