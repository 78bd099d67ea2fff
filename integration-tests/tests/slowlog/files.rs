//! `slowlog_files` on real servers: what there is, what settings hide, and a server that is down.

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer, Options, SlowLog};

use crate::product::Product;

async fn logging(flavour: Flavour) -> Result<MySqlServer> {
    let options = Options {
        slow_log: SlowLog::Everything,
        ..Options::default()
    };
    MySqlServer::start(flavour, options).await
}

async fn set(server: &MySqlServer, settings: &[&str]) -> Result<()> {
    let mut root = server.root().await?;
    for setting in settings {
        root.query_drop(format!("SET GLOBAL {setting}")).await?;
    }
    Ok(root.disconnect().await?)
}

async fn ask(instance: Instance) -> Result<Value> {
    let house = House::over(&[instance])?;
    house
        .ask("slowlog_files", json!({ "instance": "db" }))
        .await
}

fn found(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["id"].as_str().unwrap())
        .collect()
}

async fn is_listed_and_judged(flavour: Flavour) -> Result<()> {
    let server = logging(flavour).await?;
    // A rotated file beside it.
    let log = server.slow_log();
    std::fs::rename(&log, log.with_extension("log.1"))?;
    server.root().await?.query_drop("FLUSH SLOW LOGS").await?;
    let instance = || Instance::of("db", &server).with_logs_of(&server);
    let answer = ask(instance()).await?;
    assert_eq!(found(&answer), [""; 0], "{answer:#}");
    assert_eq!(answer["logs_from"], "files");
    assert_eq!(answer["logs"][0]["log"], "slow");
    assert_eq!(answer["logs"][0]["files"], 2);
    assert_eq!(answer["logs"][1]["files"], 1);
    assert!(answer["logs"][1]["first"].is_string() && answer["logs"][1]["last"].is_string());
    assert_eq!(answer["files"][0]["name"], "slow.log");
    assert_eq!(answer["settings"]["slow_query_log"], "ON");
    assert_eq!(answer["coverage"]["missing"], Value::Null);

    let (hidden, ids) = match flavour {
        Flavour::Mysql97 => (
            [
                "long_query_time = 10",
                "min_examined_row_limit = 5",
                "log_slow_extra = OFF",
            ],
            [
                "long_query_time_high",
                "few_rows_left_out",
                "no_extra_fields",
            ],
        ),
        Flavour::Mariadb1011 => (
            [
                "long_query_time = 10",
                "min_examined_row_limit = 5",
                "log_slow_rate_limit = 7",
            ],
            ["long_query_time_high", "few_rows_left_out", "sampled"],
        ),
    };
    set(&server, &hidden).await?;
    assert_eq!(found(&ask(instance()).await?), ids);
    set(&server, &["log_output = 'NONE'"]).await?;
    assert_eq!(found(&ask(instance()).await?)[0], "log_output_none");
    set(&server, &["slow_query_log = OFF"]).await?;
    let answer = ask(instance()).await?;
    assert_eq!(found(&answer), ["slow_log_off"]);
    assert!(
        answer["headline"]
            .as_str()
            .unwrap()
            .starts_with("the slow log is switched off"),
        "{answer:#}"
    );
    server.stop().await
}

#[tokio::test]
async fn files_are_listed_and_settings_that_hide_something_told_on_mysql() -> Result<()> {
    is_listed_and_judged(Flavour::Mysql97).await
}

#[tokio::test]
async fn files_are_listed_and_settings_that_hide_something_told_on_mariadb() -> Result<()> {
    is_listed_and_judged(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn a_file_the_server_does_not_write_is_told() -> Result<()> {
    let server = logging(Flavour::Mariadb1011).await?;
    let elsewhere = server.folder().join("elsewhere.log");
    set(
        &server,
        &[&format!("slow_query_log_file = '{}'", elsewhere.display())],
    )
    .await?;
    let answer = ask(Instance::of("db", &server).with_logs_of(&server)).await?;
    assert_eq!(found(&answer), ["other_file"], "{answer:#}");
    server.stop().await
}

#[tokio::test]
async fn local_times_in_another_zone_than_the_inventory_s_are_told_on_mariadb() -> Result<()> {
    let server = logging(Flavour::Mariadb1011).await?;
    let zone = "time_zone = \"-03:30\"\n";
    let answer = ask(Instance::of("db", &server)
        .with_logs_of(&server)
        .with_more(zone))
    .await?;
    assert!(found(&answer).contains(&"zone_differs"), "{answer:#}");
    server.stop().await
}

#[tokio::test]
async fn files_are_listed_while_the_server_is_down() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    let answer = ask(Instance::nowhere("db").with_logs_of(&server)).await?;
    assert_eq!(answer["logs"].as_array().unwrap().len(), 2);
    assert_eq!(answer["settings"], Value::Null);
    let missing = &answer["coverage"]["missing"];
    assert_eq!(missing.as_array().unwrap().len(), 1, "{missing}");
    assert_eq!(missing[0]["what"], "settings of the server");
    assert_eq!(answer["source"], "logs, live");
    server.stop().await
}

#[tokio::test]
async fn a_recording_tells_what_the_server_told() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    set(&server, &["long_query_time = 10"]).await?;
    let instance = Instance::of("db", &server).with_logs_of(&server);
    let folder = tempfile::tempdir()?;
    let to = folder.path().join("recorded");
    let to_word = to.to_string_lossy();
    Product::over(&[instance])?.run(&[
        "record",
        "db",
        "--samples",
        "1",
        "--logs",
        "60",
        "--to",
        &*to_word,
    ])?;
    server.stop().await?;
    let answer = ask(Instance::snapshot("db", &to)).await?;
    assert_eq!(found(&answer), ["long_query_time_high"], "{answer:#}");
    assert_eq!(answer["logs"].as_array().unwrap().len(), 2);
    Ok(())
}
