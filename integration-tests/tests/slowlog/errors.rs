//! `slowlog_errors` on real servers that were killed, crashed, stormed and shut down.

use std::time::Duration;

use anyhow::{Result, ensure};
use mysql_async::OptsBuilder;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::incidents::CONCISE_TOKENS;
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::Kind;
use storex_testkit::{Ending, Flavour, MySqlServer, Options, accounts};

use crate::product::Product;

/// A server that notes what clients do.
fn noting(flavour: Flavour) -> Options {
    let words: &[&str] = match flavour {
        Flavour::Mysql97 => &["--log-error-verbosity=3", "--innodb-print-all-deadlocks=ON"],
        Flavour::Mariadb1011 => &["--log-warnings=4", "--innodb-print-all-deadlocks=ON"],
    };
    Options {
        extra_args: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Options::default()
    }
}

fn with_logs(server: &MySqlServer) -> Instance {
    Instance::of("db", server).with_logs_of(server)
}

async fn ask(instance: Instance) -> Result<Value> {
    let house = House::over(&[instance])?;
    let answer = house
        .ask("slowlog_errors", json!({ "instance": "db", "minutes": 30 }))
        .await?;
    let tokens = answer.to_string().len() / 4;
    ensure!(tokens <= CONCISE_TOKENS, "{tokens} tokens: {answer:#}");
    Ok(answer)
}

fn found(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["id"].as_str().unwrap())
        .collect()
}

/// After what each start came, latest first.
fn after(answer: &Value) -> Vec<&str> {
    let restarts = answer["restarts"].as_array().unwrap().iter();
    restarts
        .map(|one| one.as_str().unwrap())
        .map(told)
        .collect()
}

fn told(restart: &str) -> &str {
    let after = restart.split(" after ").nth(1).unwrap();
    after.split(',').next().unwrap()
}

async fn tells_how_the_server_ended(flavour: Flavour) -> Result<()> {
    let server = MySqlServer::start(flavour, Options::default()).await?;
    let quiet = ask(with_logs(&server)).await?;
    assert_eq!(found(&quiet), [""; 0], "{quiet:#}");
    assert_eq!(after(&quiet), ["what was not read"]);

    let server = server.restart(Ending::Shutdown).await?;
    let answer = ask(with_logs(&server)).await?;
    assert_eq!(found(&answer), ["restarted"], "{answer:#}");
    assert_eq!(after(&answer), ["a clean shutdown", "what was not read"]);

    let server = server.restart(Ending::Kill).await?;
    let answer = ask(with_logs(&server)).await?;
    assert_eq!(found(&answer), ["killed", "restarted"], "{answer:#}");
    assert_eq!(after(&answer)[0], "an end without a word");

    let server = server.restart(Ending::Crash).await?;
    let answer = ask(with_logs(&server)).await?;
    assert_eq!(
        found(&answer),
        ["killed", "crash", "restarted"],
        "{answer:#}"
    );
    assert_eq!(after(&answer)[0], "a crash");
    assert_eq!(answer["coverage"]["missing"], Value::Null);
    server.stop().await
}

#[tokio::test]
async fn a_shutdown_a_kill_and_a_crash_are_told_apart_on_mysql() -> Result<()> {
    tells_how_the_server_ended(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_shutdown_a_kill_and_a_crash_are_told_apart_on_mariadb() -> Result<()> {
    tells_how_the_server_ended(Flavour::Mariadb1011).await
}

async fn dial(server: &MySqlServer, user: &str, password: &str) -> mysql_async::Result<()> {
    let options = OptsBuilder::default()
        .ip_or_hostname(server.host())
        .tcp_port(server.port())
        .prefer_socket(false)
        .user(Some(user))
        .pass(Some(password));
    mysql_async::Conn::new(options).await?.disconnect().await
}

async fn names_refused_logins(flavour: Flavour) -> Result<()> {
    let server = MySqlServer::start(flavour, noting(flavour)).await?;
    for _ in 0..25 {
        assert!(dial(&server, "nightly_batch", "hunter2").await.is_err());
    }
    let answer = ask(with_logs(&server)).await?;
    assert_eq!(found(&answer)[0], "access_denied", "{answer:#}");
    let statement = answer["findings"][0]["statement"].as_str().unwrap();
    assert!(
        statement.contains("25 times") && statement.contains("nightly_batch@"),
        "{statement}"
    );
    let denied = &answer["messages"][0];
    assert_eq!(
        (&denied["class"], &denied["count"]),
        (&json!("access_denied"), &json!(25))
    );
    assert!(
        denied["form"].as_str().unwrap().contains("user ?@?"),
        "{denied}"
    );
    server.stop().await
}

#[tokio::test]
async fn a_storm_of_refused_logins_names_the_account_on_mysql() -> Result<()> {
    names_refused_logins(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_storm_of_refused_logins_names_the_account_on_mariadb() -> Result<()> {
    names_refused_logins(Flavour::Mariadb1011).await
}

async fn counts_aborted_connections(flavour: Flavour) -> Result<()> {
    let server = MySqlServer::start(flavour, noting(flavour)).await?;
    for _ in 0..25 {
        // Without a good-bye.
        drop(server.root().await?);
    }
    let logged =
        || Ok::<_, anyhow::Error>(server.error_log()?.matches("Aborted connection").count());
    while logged()? < 25 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answer = ask(with_logs(&server)).await?;
    assert_eq!(found(&answer), ["aborted_connections"], "{answer:#}");
    let count = answer["messages"][0]["count"].as_u64().unwrap();
    assert!(count >= 25, "{answer:#}");
    server.stop().await
}

#[tokio::test]
async fn connections_that_break_off_are_counted_on_mysql() -> Result<()> {
    counts_aborted_connections(Flavour::Mysql97).await
}

#[tokio::test]
async fn connections_that_break_off_are_counted_on_mariadb() -> Result<()> {
    counts_aborted_connections(Flavour::Mariadb1011).await
}

async fn counts_each_deadlock_once(flavour: Flavour) -> Result<()> {
    let server = MySqlServer::start(flavour, noting(flavour)).await?;
    accounts::create_shop(&server).await?;
    let incident = Kind::DeadlockStorm.start(&server).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    incident.end().await?;
    let counted: u64 = server
        .error_log()?
        .matches("deadlock detected, dumping detailed information")
        .count() as u64;
    let answer = ask(with_logs(&server)).await?;
    let finding = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["id"] == "deadlock");
    let finding = finding.unwrap_or_else(|| panic!("{answer:#}"));
    assert_eq!(finding["evidence"][0]["value"], counted);
    assert_eq!(finding["next"][0]["tool"], "innodb_deadlocks");
    server.stop().await
}

#[tokio::test]
async fn each_deadlock_printed_is_counted_once_on_mysql() -> Result<()> {
    counts_each_deadlock_once(Flavour::Mysql97).await
}

#[tokio::test]
async fn each_deadlock_printed_is_counted_once_on_mariadb() -> Result<()> {
    counts_each_deadlock_once(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn without_a_file_mysql_tells_its_own_table_and_the_coverage_says_so() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mysql97, noting(Flavour::Mysql97)).await?;
    let server = server.restart(Ending::Kill).await?;
    for _ in 0..25 {
        assert!(dial(&server, "nightly_batch", "hunter2").await.is_err());
    }
    let answer = ask(Instance::of("db", &server)).await?;
    assert_eq!(answer["read_from"], "performance_schema.error_log");
    assert_eq!(answer["coverage"]["missing"][0]["what"], "error log");
    assert_eq!(found(&answer), ["killed", "access_denied"], "{answer:#}");
    server.stop().await
}

#[tokio::test]
async fn without_a_file_mariadb_says_what_is_missing() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
    let answer = ask(Instance::of("db", &server)).await?;
    let missing = answer["coverage"]["missing"].to_string();
    assert!(missing.contains("[instance.logs]"), "{missing}");
    assert!(
        answer["headline"]
            .as_str()
            .unwrap()
            .contains("no error log could be read"),
        "{answer:#}"
    );
    server.stop().await
}

#[tokio::test]
async fn the_log_is_read_while_the_server_is_down() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mysql97, Options::default()).await?;
    let answer = ask(Instance::nowhere("db").with_logs_of(&server)).await?;
    assert!(answer["entries"].as_u64().unwrap() > 3, "{answer:#}");
    assert_eq!(answer["source"], "logs, live");
    assert_eq!(answer["coverage"]["missing"], Value::Null);
    server.stop().await
}

#[tokio::test]
async fn records_of_mysql_s_json_sink_are_read() -> Result<()> {
    let flavour = Flavour::Mysql97;
    let server = MySqlServer::start(flavour, noting(flavour)).await?;
    let mut root = server.root().await?;
    root.query_drop("INSTALL COMPONENT 'file://component_log_sink_json'")
        .await?;
    root.query_drop(
        "SET GLOBAL log_error_services = 'log_filter_internal; log_sink_internal; log_sink_json'",
    )
    .await?;
    root.disconnect().await?;
    for _ in 0..25 {
        assert!(dial(&server, "nightly_batch", "hunter2").await.is_err());
    }
    let log = server.error_log_path().with_extension("log.00.json");
    let instance = Instance::of("db", &server)
        .with_more(&format!("[instance.logs]\nerror = \"{}\"\n", log.display()));
    let answer = ask(instance).await?;
    assert_eq!(found(&answer), ["access_denied"], "{answer:#}");
    assert_eq!(answer["messages"][0]["code"], "MY-010926");
    server.stop().await
}

#[tokio::test]
async fn a_recording_tells_what_the_log_told() -> Result<()> {
    let flavour = Flavour::Mariadb1011;
    let server = MySqlServer::start(flavour, noting(flavour)).await?;
    let server = server.restart(Ending::Crash).await?;
    let folder = tempfile::tempdir()?;
    for (name, more) in [("files", &["--logs", "60"][..]), ("none", &[])] {
        let to = folder.path().join(name);
        let to = to.to_string_lossy();
        let words = ["record", "db", "--samples", "1", "--to", &*to];
        Product::over(&[with_logs(&server)])?.run(&[&words[..], more].concat())?;
    }
    server.stop().await?;
    let answer = ask(Instance::snapshot("db", &folder.path().join("files"))).await?;
    assert_eq!(found(&answer), ["crash"], "{answer:#}");
    assert_eq!(answer["read_from"], "snapshot");
    let none = ask(Instance::snapshot("db", &folder.path().join("none"))).await?;
    let why = none["coverage"]["missing"].to_string();
    assert!(why.contains("not captured in this snapshot"), "{why}");
    Ok(())
}

#[tokio::test]
async fn a_window_is_refused_in_words_and_entries_outside_are_left_out() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mysql97, Options::default()).await?;
    let house = House::over(&[with_logs(&server)])?;
    let past =
        json!({ "instance": "db", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z" });
    let answer = house.ask("slowlog_errors", past).await?;
    assert_eq!(answer["entries"], 0);
    let both = json!({ "instance": "db", "from": "2026-01-01T00:00:00Z", "minutes": 5 });
    let refused = house.call("slowlog_errors", both).await?;
    assert!(
        refused.is_error && refused.text.contains("not both"),
        "{}",
        refused.text
    );
    server.stop().await
}
