//! Signals against what was done to the server and what the server itself counts.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use jiff::SignedDuration;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use storex_series::{Kind, Series, Unit};
use storex_sources::{Metrics, SIGNALS, Wanted, wall_clock};
use storex_testkit::Flavour;
use storex_testkit::monitoring::Make;
use tokio::time::sleep;

use super::stage::{Stage, between, by_name, last, signals};

/// Signals without figures while nothing is read, or written, from disk.
const WITH_READS: &[&str] = &[
    "read_latency_s",
    "write_latency_s",
    "buffer_pool_miss_share",
];

/// Signals that a server of its own has no figures for.
fn untold(flavour: Flavour) -> Vec<&'static str> {
    let mut untold = vec![
        "commit_latency_s",
        "replication_lag_s",
        "replication_running",
    ];
    if flavour.is_mariadb() {
        // Performance schema is off, and the plugin is not there.
        untold.push("statement_latency_s");
    }
    untold
}

async fn prepare(flavour: Flavour, root: &mut Conn) -> Result<()> {
    if !flavour.is_mariadb() {
        root.query_drop("SET GLOBAL innodb_monitor_enable = 'log_%'")
            .await?;
    }
    root.query_drop("CREATE DATABASE shop").await?;
    root.query_drop("CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
        .await?;
    sleep(Duration::from_secs(4)).await;
    Ok(())
}

/// 80 writes, 30 commits, 10 rollbacks; the connections it holds open.
async fn work(stage: &Stage, root: &mut Conn) -> Result<Vec<Conn>> {
    let mut held = Vec::new();
    for _ in 0..6 {
        held.push(stage.server.root().await?);
    }
    for round in 0..40 {
        root.query_drop("INSERT INTO shop.t (v) VALUES (1), (2), (3)")
            .await?;
        root.query_drop("BEGIN").await?;
        root.query_drop(format!("UPDATE shop.t SET v = v + {round} WHERE id = 1"))
            .await?;
        root.query_drop(if round % 4 == 0 { "ROLLBACK" } else { "COMMIT" })
            .await?;
        root.query_drop("DO SLEEP(0.1)").await?;
    }
    Ok(held)
}

/// No figure is below nothing, no share above the whole.
fn assert_plausible<'s>(series: impl Iterator<Item = &'s Series>) {
    for series in series {
        let is_share = series.unit == Unit::Share;
        for value in series.values.iter().filter(|value| value.is_finite()) {
            assert!(*value >= -0.01, "{} {value}", series.id);
            assert!(!is_share || *value <= 1.01, "{} {value}", series.id);
        }
    }
}

async fn signals_agree(flavour: Flavour) -> Result<()> {
    let stage = Stage::set(flavour, Make::Prometheus).await?;
    let mut root = stage.server.root().await?;
    prepare(flavour, &mut root).await?;
    let begun = wall_clock();
    let held = work(&stage, &mut root).await?;
    let running: (String, u64) = root
        .query_first("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
        .await?
        .unwrap();
    sleep(Duration::from_secs(5)).await;
    let metrics = stage.metrics();
    let grid = between(
        begun - SignedDuration::from_secs(3),
        wall_clock() - SignedDuration::from_secs(1),
    );
    let all: Vec<Wanted> = SIGNALS.iter().map(Wanted::Signal).collect();
    let fetched = metrics.read(&all, &grid).await?;
    let mut missing: Vec<&str> = fetched
        .missing
        .iter()
        .map(|one| one.what.as_str())
        .filter(|what| !WITH_READS.contains(what))
        .collect();
    missing.sort_unstable();
    let mut untold = untold(flavour);
    untold.sort_unstable();
    assert_eq!(missing, untold, "{:?}", fetched.missing);

    let found = by_name(fetched.series);
    let total = |name: &str| -> f64 {
        found[name]
            .values
            .iter()
            .filter(|value| value.is_finite())
            .sum()
    };
    for (name, done) in [
        ("writes_per_s", 80.0),
        ("commits_per_s", 30.0),
        ("rollbacks_per_s", 10.0),
    ] {
        // A busy machine misses a scrape now and then.
        let told = total(name);
        assert!(
            (done * 0.6..done * 1.3).contains(&told),
            "{name}: {told}, not {done}"
        );
    }
    let greatest = |name: &str| found[name].values.iter().copied().fold(f64::NAN, f64::max);
    let connections = greatest("connections");
    // The exporter has one or two of its own, now and then.
    assert!(
        (connections - running.1 as f64).abs() <= 2.0,
        "{connections} {running:?}"
    );
    assert!(connections >= 7.0);
    let used = greatest("connections_used_share");
    assert!((used - connections / 151.0).abs() < 1e-9, "{used}");
    if !flavour.is_mariadb() {
        // One statement in five slept 0.1 s.
        let latency = greatest("statement_latency_s");
        assert!((0.0005..0.5).contains(&latency), "{latency}");
    }
    assert_plausible(found.values());
    drop(held);
    counters_are_the_servers_own(metrics.as_ref(), &mut root).await
}

/// Counters nothing moves any more are the same in the store and in the server.
async fn counters_are_the_servers_own(metrics: &dyn Metrics, root: &mut Conn) -> Result<()> {
    let mut stream = metrics.scan(&last(5), 10_000).await?;
    let mut told = BTreeMap::new();
    while let Some(batch) = stream.next().await? {
        told.extend(by_name(batch));
    }
    for (status, series) in [
        (
            "Com_insert",
            "mysql_global_status_commands_total{command=\"insert\"}",
        ),
        (
            "Com_update",
            "mysql_global_status_commands_total{command=\"update\"}",
        ),
        (
            "Handler_update",
            "mysql_global_status_handlers_total{handler=\"update\"}",
        ),
    ] {
        let own: (String, f64) = root
            .query_first(format!("SHOW GLOBAL STATUS LIKE '{status}'"))
            .await?
            .unwrap();
        let newest = told[series]
            .values
            .iter()
            .rev()
            .find(|value| value.is_finite());
        assert_eq!(newest, Some(&own.1), "{series}");
        assert_eq!(told[series].kind, Kind::Counter, "{series}");
        assert!(own.1 >= 30.0, "{series}");
    }
    Ok(())
}

#[tokio::test]
async fn signals_agree_with_what_was_done_to_mysql() -> Result<()> {
    signals_agree(Flavour::Mysql97).await
}

#[tokio::test]
async fn signals_agree_with_what_was_done_to_mariadb() -> Result<()> {
    signals_agree(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn a_stopped_server_is_down_and_its_figures_end() -> Result<()> {
    for make in [Make::Prometheus, Make::VictoriaMetrics] {
        let Stage {
            server,
            store,
            of_server,
            ..
        } = Stage::set(Flavour::Mariadb1011, make).await?;
        server.stop().await?;
        store.wait_for("sum(1 - mysql_up)", 2.0).await?;
        sleep(Duration::from_secs(5)).await;
        let metrics = {
            use storex_sources::MetricsSource as _;
            super::stage::source(&store.url()).open(super::stage::limits())
        };
        let grid = last(12);
        let found = by_name(
            metrics
                .read(&signals(&["up", "threads_running"]), &grid)
                .await?
                .series,
        );
        let up = &found["up"].values;
        assert_eq!(up.last(), Some(&0.0), "{make:?} {up:?}");
        let running = &found["threads_running"].values;
        assert!(
            running.iter().any(|value| value.is_finite()),
            "{make:?} {running:?}"
        );
        assert!(
            running.last().is_some_and(|value| value.is_nan()),
            "{make:?} {running:?}"
        );
        drop(of_server);
    }
    Ok(())
}

#[tokio::test]
async fn a_store_says_what_it_is_and_how_often_it_takes_figures() -> Result<()> {
    for (make, store) in [
        (Make::Prometheus, "Prometheus 3."),
        (Make::VictoriaMetrics, "Prometheus-compatible"),
    ] {
        let stage = Stage::set(Flavour::Mariadb1011, make).await?;
        let facts = stage.metrics().about().await?;
        assert!(facts.store.starts_with(store), "{facts:?}");
        assert_eq!(facts.resolution.seconds(), 1, "{facts:?}");
        assert_eq!(facts.language, Some("PromQL"));
        let since = facts.since.unwrap();
        let ago = wall_clock().duration_since(since);
        assert!(ago < SignedDuration::from_mins(31), "{facts:?}");
    }
    Ok(())
}
