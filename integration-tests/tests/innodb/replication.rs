//! `innodb_replication` tells on real pairs of servers why a replica is behind or stands still.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::replication_lag::{self, Table};
use storex_testkit::replica::{Replica, ReplicaOptions};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};
use tokio::time::sleep;

use super::{shop, shop_with};

/// The same question is answered from memory for that long.
const FRESHNESS: Duration = Duration::from_millis(2_100);

/// A source with the shop, its replica, and a house over both.
struct Pair {
    source: MySqlServer,
    replica: Replica,
    house: House,
}

impl Pair {
    async fn of(flavour: Flavour, delay_s: u32) -> Result<Self> {
        Self::with(flavour, delay_s, PerformanceSchema::Full).await
    }

    async fn with(flavour: Flavour, delay_s: u32, recorded: PerformanceSchema) -> Result<Self> {
        let options = Options {
            binlog: true,
            performance_schema: recorded,
            metadata_lock_info: true,
            ..Options::default()
        };
        let mut of_source = options.clone();
        if !flavour.is_mariadb() {
            // The replica then sees the statement; MariaDB never shows it to its applier.
            let argument = "--binlog-rows-query-log-events=ON";
            of_source.extra_args.push(argument.to_owned());
        }
        let source = shop_with(flavour, of_source).await?;
        let options = ReplicaOptions {
            server: options,
            delay_s,
            ..ReplicaOptions::default()
        };
        let replica = Replica::of(&source, options).await?;
        let instances = [
            Instance::of("source", &source),
            Instance::of("replica", replica.server()),
        ];
        let house = House::over(&instances)?;
        Ok(Self {
            source,
            replica,
            house,
        })
    }

    async fn ask(&self, instance: &str) -> Result<Value> {
        let question = json!({ "instance": instance });
        let answer = self.house.ask("innodb_replication", question).await?;
        let tokens = answer.to_string().len() / 4;
        assert!(tokens <= 1_500, "{tokens} tokens: {answer:#}");
        Ok(answer)
    }

    /// Asks the replica until a finding of this kind comes first.
    async fn ask_until(&self, id: &str, times: u32) -> Result<Value> {
        let mut answer = Value::Null;
        for _ in 0..times {
            answer = self.ask("replica").await?;
            if answer["findings"][0]["id"] == id {
                return Ok(answer);
            }
            sleep(FRESHNESS).await;
        }
        panic!("no {id} comes first in {answer:#}");
    }

    async fn on_source(&self, statement: &str) -> Result<()> {
        run(&self.source, statement).await
    }

    async fn on_replica(&self, statement: &str) -> Result<()> {
        run(self.replica.server(), statement).await
    }

    async fn stop(self) -> Result<()> {
        self.replica.stop().await?;
        self.source.stop().await
    }
}

async fn run(server: &MySqlServer, statement: &str) -> Result<()> {
    let mut root = server.root().await?;
    root.query_drop("USE shop").await?;
    root.query_drop(statement).await?;
    root.disconnect().await?;
    Ok(())
}

fn ids(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array();
    findings
        .into_iter()
        .flatten()
        .filter_map(|finding| finding["id"].as_str())
        .collect()
}

async fn healthy(flavour: Flavour) -> Result<()> {
    let pair = Pair::of(flavour, 0).await?;
    let traffic = Traffic::start(&pair.source, &HEALTHY).await?;
    pair.replica.catch_up(&pair.source).await?;
    let answer = pair.ask("replica").await?;
    assert_eq!(answer["findings"], json!([]), "{answer:#}");
    assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    assert_eq!(answer["role"], "replica", "{answer:#}");
    let channel = &answer["channels"][0];
    assert_eq!(
        (&channel["receiver"], &channel["applier"]),
        (&json!("running"), &json!("running"))
    );
    assert!(
        channel["lag_s"].as_f64().is_some_and(|lag| lag < 5.0),
        "{answer:#}"
    );
    assert!(
        channel["applied_per_s"]
            .as_f64()
            .is_some_and(|rate| rate > 1.0),
        "{answer:#}"
    );

    let answer = pair.ask("source").await?;
    assert_eq!(answer["findings"], json!([]), "{answer:#}");
    assert_eq!(answer["role"], "source", "{answer:#}");
    assert_eq!(answer["others"][0]["name"], "repl@127.0.0.1", "{answer:#}");
    traffic.stop().await;
    pair.stop().await
}

#[tokio::test]
async fn a_healthy_pair_makes_no_finding_on_mysql() -> Result<()> {
    healthy(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_healthy_pair_makes_no_finding_on_mariadb() -> Result<()> {
    healthy(Flavour::Mariadb1011).await
}

async fn alone(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let question = json!({ "instance": "shop" });
    let answer = house.ask("innodb_replication", question).await?;
    assert_eq!(answer["findings"], json!([]), "{answer:#}");
    assert_eq!(answer["role"], "none", "{answer:#}");
    let headline = answer["headline"].as_str().unwrap_or_default();
    assert!(
        headline.starts_with("no replication configured"),
        "{headline}"
    );
    assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    server.stop().await
}

#[tokio::test]
async fn a_server_without_replication_is_told_in_one_line() -> Result<()> {
    alone(Flavour::Mysql97).await?;
    alone(Flavour::Mariadb1011).await
}

/// The incident is named by its table while the replica is at work on it.
async fn big_transaction(
    flavour: Flavour,
    table: Table,
    recorded: PerformanceSchema,
) -> Result<()> {
    let pair = Pair::with(flavour, 0, recorded).await?;
    let incident = replication_lag::start(&pair.source, &pair.replica, table).await?;
    let answer = pair.ask_until("big_transaction_applying", 40).await?;
    println!("{answer:#}");
    let statement = answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default();
    assert!(statement.contains(&incident.truth().object), "{answer:#}");
    assert_eq!(answer["channels"][0]["lag_sits"], "applier", "{answer:#}");
    let without_key = ids(&answer).contains(&"table_without_primary_key");
    assert_eq!(without_key, table == Table::WithoutKey, "{answer:#}");
    assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    if flavour == Flavour::Mysql97 {
        let culprit = &incident.truth().culprit.program_name;
        let evidence = answer["findings"][0]["evidence"].to_string();
        assert!(evidence.contains(culprit.as_str()), "{answer:#}");
    }
    incident.end().await?;
    // Shutting down cleanly would wait for the transaction to be rolled back.
    drop(pair);
    Ok(())
}

#[tokio::test]
async fn a_big_transaction_is_named_with_its_table_on_mysql() -> Result<()> {
    big_transaction(Flavour::Mysql97, Table::Large, PerformanceSchema::Full).await
}

#[tokio::test]
async fn a_big_transaction_is_named_with_its_table_on_mariadb() -> Result<()> {
    big_transaction(Flavour::Mariadb1011, Table::Large, PerformanceSchema::Full).await
}

#[tokio::test]
async fn a_table_without_primary_key_is_named_on_mysql() -> Result<()> {
    big_transaction(Flavour::Mysql97, Table::WithoutKey, PerformanceSchema::Full).await
}

#[tokio::test]
async fn a_table_without_primary_key_is_named_on_mariadb_as_it_is_shipped() -> Result<()> {
    let recorded = PerformanceSchema::ServerDefault;
    big_transaction(Flavour::Mariadb1011, Table::WithoutKey, recorded).await
}

/// A duplicate key, then a row that is not there: both told with table and number, without values.
async fn stopped_by_an_error(flavour: Flavour) -> Result<()> {
    let pair = Pair::of(flavour, 0).await?;
    pair.replica.catch_up(&pair.source).await?;
    pair.on_replica("INSERT INTO products VALUES (990001, 'canary', 'x', 'toys', 1)")
        .await?;
    pair.on_source("INSERT INTO products VALUES (990001, 'canary', 'y', 'toys', 1)")
        .await?;
    let answer = pair.ask_until("applier_stopped_by_error", 10).await?;
    println!("{answer:#}");
    let statement = answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default();
    assert!(
        statement.contains("error 1062 on shop.products"),
        "{answer:#}"
    );
    assert!(!answer.to_string().contains("canary"), "{answer:#}");
    assert!(ids(&answer).contains(&"errant_transactions"), "{answer:#}");
    assert_eq!(answer["channels"][0]["applier"], "stopped");

    pair.on_replica("DELETE FROM products WHERE id = 990001")
        .await?;
    pair.replica.start_threads().await?;
    pair.replica.catch_up(&pair.source).await?;
    pair.on_replica("DELETE FROM products WHERE id = 990001")
        .await?;
    pair.on_source("UPDATE products SET name = 'z' WHERE id = 990001")
        .await?;
    sleep(FRESHNESS).await;
    let answer = pair.ask_until("applier_stopped_by_error", 10).await?;
    let statement = answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default();
    assert!(
        statement.contains("error 1032 on shop.products"),
        "{answer:#}"
    );
    pair.stop().await
}

#[tokio::test]
async fn an_applier_stopped_by_an_error_is_told_with_its_table_on_mysql() -> Result<()> {
    stopped_by_an_error(Flavour::Mysql97).await
}

#[tokio::test]
async fn an_applier_stopped_by_an_error_is_told_with_its_table_on_mariadb() -> Result<()> {
    stopped_by_an_error(Flavour::Mariadb1011).await
}

/// Stopped by hand, refused by the source, and the source gone.
async fn not_receiving(flavour: Flavour) -> Result<()> {
    let pair = Pair::of(flavour, 0).await?;
    pair.replica.stop_threads().await?;
    let answer = pair.ask_until("replication_stopped", 3).await?;
    assert_eq!(ids(&answer), ["replication_stopped"], "{answer:#}");

    pair.replica.forget_password().await?;
    let answer = pair.ask_until("receiver_cannot_connect", 10).await?;
    println!("{answer:#}");
    assert!(
        answer["headline"]
            .as_str()
            .is_some_and(|text| text.contains("error 1045")),
        "{answer:#}"
    );

    pair.source.stop().await?;
    let mut errors = Vec::new();
    for _ in 0..10 {
        let question = json!({ "instance": "replica" });
        let answer = pair.house.ask("innodb_replication", question).await?;
        errors.push(answer["findings"][0]["evidence"][0]["value"].clone());
        if errors.last() == Some(&json!(2003)) {
            return pair.replica.stop().await;
        }
        sleep(FRESHNESS).await;
    }
    panic!("{errors:?}");
}

#[tokio::test]
async fn a_receiver_that_does_not_receive_is_told_with_its_reason_on_mysql() -> Result<()> {
    not_receiving(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_receiver_that_does_not_receive_is_told_with_its_reason_on_mariadb() -> Result<()> {
    not_receiving(Flavour::Mariadb1011).await
}

async fn delayed(flavour: Flavour) -> Result<()> {
    let pair = Pair::of(flavour, 3_600).await?;
    pair.on_source("UPDATE products SET name = 'z' WHERE id = 1")
        .await?;
    sleep(Duration::from_secs(11)).await;
    let answer = pair.ask("replica").await?;
    println!("{answer:#}");
    assert_eq!(answer["findings"], json!([]), "{answer:#}");
    assert_eq!(
        answer["channels"][0]["lag_sits"], "delay by design",
        "{answer:#}"
    );
    assert!(
        answer["headline"]
            .as_str()
            .is_some_and(|text| text.contains("by design"))
    );
    // Most is received and not applied.
    drop(pair);
    Ok(())
}

#[tokio::test]
async fn a_delay_by_design_is_no_lag_on_mysql() -> Result<()> {
    delayed(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_delay_by_design_is_no_lag_on_mariadb() -> Result<()> {
    delayed(Flavour::Mariadb1011).await
}

/// A backup's read lock, then a forgotten transaction's row lock.
async fn blocked(flavour: Flavour) -> Result<()> {
    let pair = Pair::of(flavour, 0).await?;
    pair.replica.catch_up(&pair.source).await?;
    let mut holder = pair.replica.server().root().await?;
    for (hold, release) in [
        ("FLUSH TABLES WITH READ LOCK", "UNLOCK TABLES"),
        (
            "UPDATE shop.inventory SET reserved = 7 WHERE product_id = 1",
            "ROLLBACK",
        ),
    ] {
        holder.query_drop("START TRANSACTION").await?;
        holder.query_drop(hold).await?;
        pair.on_source("UPDATE inventory SET reserved = reserved + 1 WHERE product_id = 1")
            .await?;
        sleep(Duration::from_secs(4)).await;
        let answer = pair.ask_until("applier_blocked", 10).await?;
        println!("{answer:#}");
        let next = &answer["findings"][0]["next"][0]["tool"];
        assert_eq!(*next, "innodb_lock_waits", "{answer:#}");
        holder.query_drop(release).await?;
        pair.replica.catch_up(&pair.source).await?;
    }
    holder.disconnect().await?;
    pair.stop().await
}

#[tokio::test]
async fn an_applier_that_waits_for_a_lock_is_told_on_mysql() -> Result<()> {
    blocked(Flavour::Mysql97).await
}

#[tokio::test]
async fn an_applier_that_waits_for_a_lock_is_told_on_mariadb() -> Result<()> {
    blocked(Flavour::Mariadb1011).await
}
