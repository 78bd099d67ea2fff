//! What an account and a server must offer, and what is said where they do not.

use anyhow::{Result, ensure};
use mysql_async::prelude::Queryable;
use serde_json::json;
use storex_integration_tests::{House, Instance, LeastAccount};
use storex_sources::{LogError, LogKind};
use storex_testkit::Flavour;

use super::{logging_to, logs_of};
use crate::logs::run_numbered;
use crate::odd_tools::DOMAIN;
use crate::product::Product;

#[tokio::test]
async fn a_table_nothing_is_logged_to_is_no_log_without_slow_statements() -> Result<()> {
    for flavour in Flavour::ALL {
        let server = logging_to(flavour, "FILE").await?;
        let logs = logs_of(&server);
        let error = logs.list(LogKind::Slow).await.unwrap_err();
        ensure!(matches!(error, LogError::SwitchedOff { .. }), "{error}");
        ensure!(error.remedy().contains("log_output"), "{}", error.remedy());
        let error = logs.list(LogKind::Error).await.unwrap_err();
        ensure!(matches!(error, LogError::NotConfigured { .. }), "{error}");
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn tools_read_the_table_over_the_connections_of_the_instance() -> Result<()> {
    for flavour in Flavour::ALL {
        let server = logging_to(flavour, "TABLE").await?;
        run_numbered(&server, 0..50).await?;
        let instance = Instance::of("db", &server).with_log_table();
        let house = House::of(&[instance], "", &[&DOMAIN])?;
        let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
        ensure!(answer["entries"].as_u64() >= Some(50), "{answer:#}");
        ensure!(answer["coverage"]["missing"].is_null(), "{answer:#}");
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_account_without_the_grant_is_told_which_one_and_with_it_reads_the_table() -> Result<()>
{
    for flavour in Flavour::ALL {
        let server = logging_to(flavour, "TABLE").await?;
        run_numbered(&server, 0..5).await?;
        let account = LeastAccount::create(&server, 6).await?;
        let instance = || account.instance("db", &server).with_log_table();
        let product = Product::over(&[instance()])?;
        let output = std::process::Command::new(Product::program())
            .arg("--config")
            .arg(product.config())
            .arg("doctor")
            .output()?;
        let told = String::from_utf8(output.stdout)?;
        ensure!(!output.status.success(), "{told}");
        let grant = told
            .lines()
            .find(|line| line.contains("ON mysql.slow_log TO"));
        let grant = grant.map(|line| line.trim().trim_end_matches(';'));
        let grant = grant.map(|line| line.replace("@'%'", "@'127.0.0.1'"));
        let house = House::of(&[instance()], "", &[&DOMAIN])?;
        let question = json!({ "instance": "db" });
        let answer = house.ask("odd_log", question.clone()).await?;
        let missing = answer["coverage"]["missing"][0].to_string();
        ensure!(
            missing.contains("GRANT SELECT ON mysql.slow_log"),
            "{missing}"
        );

        let mut root = server.root().await?;
        root.query_drop(grant.unwrap_or_default()).await?;
        root.disconnect().await?;
        let answer = house.ask("odd_log", question).await?;
        ensure!(answer["entries"].as_u64() >= Some(5), "{answer:#}");
        let told = product.run(&["doctor"])?;
        ensure!(
            told.contains("ok      slow log: files: 1, size unknown, from 2"),
            "{told}"
        );
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_recording_keeps_the_table_as_a_log() -> Result<()> {
    let server = logging_to(Flavour::Mysql97, "TABLE").await?;
    run_numbered(&server, 0..20).await?;
    let product = Product::over(&[Instance::of("db", &server).with_log_table()])?;
    let folder = tempfile::tempdir()?;
    let to = folder.path().join("recorded");
    let path = to.to_string_lossy();
    product.run(&[
        "record",
        "db",
        "--samples",
        "1",
        "--logs",
        "60",
        "--to",
        &*path,
    ])?;
    server.stop().await?;
    let house = House::of(&[Instance::snapshot("db", &to)], "", &[&DOMAIN])?;
    let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
    ensure!(answer["entries"].as_u64() >= Some(20), "{answer:#}");
    Ok(())
}
