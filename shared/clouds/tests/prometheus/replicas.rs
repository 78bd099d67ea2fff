//! What the store tells of a replica.

use anyhow::Result;
use storex_sources::MetricsSource as _;
use storex_testkit::monitoring::{Exporter, Make, MetricsStore, Scrape};
use storex_testkit::replica::{Replica, ReplicaOptions};
use storex_testkit::{Flavour, MySqlServer, Options, accounts};

use super::stage::{DATABASE, by_name, last, limits, signals, source};

async fn a_replica(flavour: Flavour) -> Result<()> {
    let options = Options {
        binlog: true,
        ..Options::default()
    };
    let primary = MySqlServer::start(flavour, options.clone()).await?;
    accounts::create_shop(&primary).await?;
    let options = ReplicaOptions {
        server: options,
        ..ReplicaOptions::default()
    };
    let replica = Replica::of(&primary, options).await?;
    replica.catch_up(&primary).await?;
    let exporter = Exporter::of_server(replica.server(), &[]).await?;
    let scrape = Scrape {
        job: "mysql".to_owned(),
        instance: DATABASE.to_owned(),
        at: exporter.address(),
    };
    let store = MetricsStore::start(Make::Prometheus, &[scrape]).await?;
    store.wait_for("count_over_time(mysql_up[1m])", 4.0).await?;

    let metrics = source(&store.url()).open(limits());
    let wanted = signals(&["replication_lag_s", "replication_running"]);
    let newest = async || -> Result<(Option<f64>, Option<f64>)> {
        let found = by_name(metrics.read(&wanted, &last(3)).await?.series);
        let last = |name: &str| {
            let values = &found.get(name)?.values;
            values.last().copied().filter(|value| value.is_finite())
        };
        Ok((last("replication_lag_s"), last("replication_running")))
    };
    assert_eq!(newest().await?, (Some(0.0), Some(1.0)));
    replica.stop_threads().await?;
    let is_stopped = "1 - max({__name__=~\"mysql_slave_status_(replica|slave)_sql_running\"})";
    store.wait_for(is_stopped, 1.0).await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    // A stopped replica does not know how far behind it is.
    assert_eq!(newest().await?, (None, Some(0.0)));
    Ok(())
}

#[tokio::test]
async fn a_replica_of_mysql_tells_its_lag_until_it_is_stopped() -> Result<()> {
    a_replica(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_replica_of_mariadb_tells_its_lag_until_it_is_stopped() -> Result<()> {
    a_replica(Flavour::Mariadb1011).await
}
