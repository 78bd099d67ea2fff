//! The kit's metrics stores scrape what they are told to.

use anyhow::Result;
use storex_testkit::monitoring::{Exporter, INNODB_METRICS, Make, MetricsStore, Scrape};
use storex_testkit::{Flavour, MySqlServer, Options};

#[tokio::test]
async fn each_store_scrapes_a_server_and_the_machine() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mysql97, Options::default()).await?;
    let of_server = Exporter::of_server(&server, &[INNODB_METRICS]).await?;
    let of_machine = Exporter::of_machine().await?;
    let scrapes = [
        ("mysql", of_server.address()),
        ("node", of_machine.address()),
    ]
    .map(|(job, at)| Scrape {
        job: job.to_owned(),
        instance: at.to_string(),
        at,
    });
    for make in [Make::Prometheus, Make::VictoriaMetrics] {
        let store = MetricsStore::start(make, &scrapes).await?;
        store.wait_for("mysql_up", 1.0).await?;
        store.wait_for("mysql_global_status_uptime", 1.0).await?;
        let purge = "mysql_info_schema_innodb_metrics_transaction_trx_rseg_history_len";
        store.wait_for(purge, 0.0).await?;
        store.wait_for("count(node_cpu_seconds_total)", 1.0).await?;
    }
    Ok(())
}
