//! `innodb_pressure` tells causes of the same families apart.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::accounts::App;
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};
use tokio::task::JoinSet;

use super::shop_with;

fn options(arguments: &[&str]) -> Options {
    Options {
        performance_schema: PerformanceSchema::Full,
        extra_args: arguments.iter().map(|text| (*text).to_owned()).collect(),
        ..Options::default()
    }
}

/// A table of `rows` rows of about `width` bytes.
async fn table(server: &MySqlServer, name: &str, doublings: u32, width: u32) -> Result<()> {
    let mut root = server.root().await?;
    root.query_drop(format!(
        "CREATE TABLE shop.{name} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, \
         body VARCHAR(2000) NOT NULL) ENGINE=InnoDB"
    ))
    .await?;
    root.query_drop(format!(
        "INSERT INTO shop.{name} (body) VALUES (REPEAT('a', {width}))"
    ))
    .await?;
    for _ in 0..doublings {
        let double = format!("INSERT INTO shop.{name} (body) SELECT body FROM shop.{name}");
        root.query_drop(double).await?;
    }
    root.disconnect().await?;
    Ok(())
}

/// Clients that run one statement after the other until they are dropped.
async fn clients(
    server: &MySqlServer,
    app: App,
    count: u64,
    statement: impl Fn(u64) -> String + Clone + Send + 'static,
) -> Result<JoinSet<()>> {
    let mut all = JoinSet::new();
    for client in 0..count {
        let mut conn = app.connect(server).await?;
        let statement = statement.clone();
        all.spawn(async move {
            let mut number = client;
            loop {
                number += count;
                if conn.query_drop(statement(number)).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        });
    }
    Ok(all)
}

async fn ask(server: &MySqlServer) -> Result<Value> {
    let house = House::over(&[Instance::of("shop", server)])?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    house
        .ask("innodb_pressure", json!({ "instance": "shop" }))
        .await
}

fn assert_first(answer: &Value, ids: &[&str], parts: &[&str]) {
    let first = &answer["findings"][0];
    let id = first["id"].as_str().unwrap_or_default();
    assert!(ids.contains(&id), "{answer:#}");
    let statement = first["statement"].as_str().unwrap_or_default();
    for part in parts {
        assert!(statement.contains(part), "{part:?} is not in {answer:#}");
    }
}

/// Point reads all over a table that is larger than the pool.
async fn working_set(flavour: Flavour) -> Result<()> {
    let server = shop_with(flavour, options(&["--innodb-buffer-pool-size=12M"])).await?;
    table(&server, "catalogue", 15, 1_000).await?;
    let reads = clients(&server, App::Storefront, 4, |number| {
        let id = 1 + number * 7_919 % 32_768;
        App::Storefront.comment(
            &format!("SELECT body FROM catalogue WHERE id = {id}"),
            "/catalogue/{id}",
            number,
        )
    })
    .await?;
    let answer = ask(&server).await?;
    drop(reads);
    assert_first(
        &answer,
        &["buffer_pool_too_small"],
        &["storefront", "`catalogue`"],
    );
    server.stop().await
}

#[tokio::test]
async fn a_working_set_without_a_scan_is_told_on_mysql() -> Result<()> {
    working_set(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_working_set_without_a_scan_is_told_on_mariadb() -> Result<()> {
    working_set(Flavour::Mariadb1011).await
}

/// A redo log with room, and a page cleaner that may write next to nothing.
async fn io_capacity(flavour: Flavour) -> Result<()> {
    let redo = match flavour {
        Flavour::Mysql97 => "--innodb-redo-log-capacity=1G",
        Flavour::Mariadb1011 => "--innodb-log-file-size=1G",
    };
    let arguments = [
        redo,
        "--innodb-buffer-pool-size=96M",
        "--innodb-io-capacity=100",
        "--innodb-io-capacity-max=100",
    ];
    let server = shop_with(flavour, options(&arguments)).await?;
    table(&server, "catalogue", 16, 1_000).await?;
    let writes = clients(&server, App::Worker, 2, |number| {
        let id = 1 + number * 7_919 % 65_536;
        App::Worker.comment(
            &format!("UPDATE catalogue SET body = REPEAT('b', 1000) WHERE id = {id}"),
            "jobs/reprice",
            number,
        )
    })
    .await?;
    let answer = ask(&server).await?;
    drop(writes);
    // On a machine that is slow itself the page cleaner follows in spite of the setting, and MariaDB
    // writes most pages to make room, which the setting does not hold.
    let ids = &["io_capacity_limits_flushing", "dirty_pages_high"];
    assert_first(&answer, ids, &["order-worker", "`catalogue`"]);
    server.stop().await
}

#[tokio::test]
async fn a_tiny_io_capacity_is_told_on_mysql() -> Result<()> {
    io_capacity(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_tiny_io_capacity_is_told_on_mariadb() -> Result<()> {
    io_capacity(Flavour::Mariadb1011).await
}

/// Small deletes from many clients; nobody holds a read view. (MySQL's purge keeps up with all that
/// clients of a test can do.)
#[tokio::test]
async fn deletes_that_outrun_purge_are_told_on_mariadb() -> Result<()> {
    let arguments = [
        "--innodb-log-file-size=256M",
        "--innodb-purge-threads=1",
        "--innodb-purge-batch-size=1",
    ];
    let server = shop_with(Flavour::Mariadb1011, options(&arguments)).await?;
    table(&server, "catalogue", 16, 100).await?;
    let writes = clients(&server, App::Batch, 8, |number| {
        App::Batch.comment(
            &format!("DELETE FROM catalogue WHERE id = {number}"),
            "jobs/expire",
            number,
        )
    })
    .await?;
    let answer = ask(&server).await?;
    drop(writes);
    assert_first(
        &answer,
        &["purge_cannot_keep_up"],
        &["nightly-batch", "`catalogue`"],
    );
    server.stop().await
}

/// A load dirties pages faster than they are written.
async fn bulk_load(flavour: Flavour) -> Result<()> {
    let redo = match flavour {
        Flavour::Mysql97 => "--innodb-redo-log-capacity=4G",
        Flavour::Mariadb1011 => "--innodb-log-file-size=1G",
    };
    let arguments = [redo, "--innodb-max-dirty-pages-pct-lwm=0"];
    let server = shop_with(flavour, options(&arguments)).await?;
    let loads = clients(&server, App::Batch, 1, |number| {
        App::Batch.comment(
            "INSERT INTO archive (order_id, body, archived_at) SELECT id, REPEAT('c', 1000), NOW() FROM orders",
            "jobs/load",
            number,
        )
    })
    .await?;
    let answer = ask(&server).await?;
    drop(loads);
    // Which of them depends on how far the page cleaners have come, and how quick the machine is.
    let ids = [
        "checkpoint_age_high",
        "dirty_pages_high",
        "free_page_waits",
        "io_capacity_limits_flushing",
    ];
    assert_first(&answer, &ids, &["nightly-batch"]);
    server.stop().await
}

#[tokio::test]
async fn a_bulk_load_that_dirties_the_pool_is_told_on_mysql() -> Result<()> {
    bulk_load(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_bulk_load_that_dirties_the_pool_is_told_on_mariadb() -> Result<()> {
    bulk_load(Flavour::Mariadb1011).await
}
