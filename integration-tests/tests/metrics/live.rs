//! The metrics server over a real store that scrapes a real server, before and in an incident.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_sources::wall_clock;
use storex_testkit::incidents::{Incident, Kind};
use storex_testkit::monitoring::{Exporter, INNODB_METRICS, Make, MetricsStore, Scrape};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer};

/// Ordinary traffic, then the incident; the store scrapes every second.
const BEFORE: Duration = Duration::from_secs(60);
const DURING: Duration = Duration::from_secs(25);
/// Two scrapes, and the time until the incident's sessions wait.
const ONSET_S: i64 = 4;
/// What a concise answer may cost: 1,500 tokens of four bytes.
const CONCISE_BYTES: usize = 6_000;
/// Any of these is the trouble of sessions that wait for one row.
const WAITING: [&str; 3] = [
    "row_locks_waited_for",
    "threads_running",
    "row_lock_waits_per_s",
];

/// A server in trouble, with everything that watches it.
struct Scene {
    server: MySqlServer,
    house: House,
    began: Timestamp,
    /// What keeps on while they are there.
    _watching: (Exporter, MetricsStore, Traffic, Incident),
}

impl Scene {
    async fn of(flavour: Flavour) -> Result<Self> {
        let server = crate::innodb::shop(flavour).await?;
        let exporter = Exporter::of_server(&server, &[INNODB_METRICS]).await?;
        let scrape = Scrape {
            job: "mysql".to_owned(),
            instance: "shop:9104".to_owned(),
            at: exporter.address(),
        };
        let store = MetricsStore::start(Make::Prometheus, &[scrape]).await?;
        let metrics = format!(
            "[instance.metrics.prometheus]\nurl = \"{}\"\nselector = 'instance=\"shop:9104\"'\n",
            store.url()
        );
        let house = House::over(&[Instance::of("shop", &server).with_more(&metrics)])?;
        let traffic = Traffic::start(&server, &HEALTHY).await?;
        store.wait_for("mysql_up", 1.0).await?;
        tokio::time::sleep(BEFORE).await;
        let began = wall_clock();
        let incident = Kind::HotRow.start(&server).await?;
        tokio::time::sleep(DURING).await;
        Ok(Self {
            server,
            house,
            began,
            _watching: (exporter, store, traffic, incident),
        })
    }

    async fn ask(&self, tool: &str, mut arguments: Value) -> Result<Value> {
        arguments["instance"] = json!("shop");
        let answer = self.house.ask(tool, arguments).await?;
        let bytes = answer.to_string().len();
        ensure!(bytes <= CONCISE_BYTES, "{tool}: {bytes} bytes: {answer:#}");
        Ok(answer)
    }
}

/// Names of the rows of a list.
fn names<'a>(rows: &'a Value, field: &str) -> Vec<&'a str> {
    let rows = rows.as_array().into_iter().flatten();
    rows.filter_map(|row| row[field].as_str()).collect()
}

fn is_waiting(name: &&str) -> bool {
    WAITING.iter().any(|waiting| name.contains(waiting))
}

async fn is_told(flavour: Flavour) -> Result<()> {
    let scene = Scene::of(flavour).await?;
    let answer = scene
        .ask("metrics_anomalies", json!({ "minutes": 1 }))
        .await?;
    let story = &answer["stories"][0];
    let moved = names(&story["series"], "series");
    ensure!(moved.iter().any(is_waiting), "{answer:#}");
    let began: Timestamp = story["began"].as_str().context("no beginning")?.parse()?;
    let late = began.duration_since(scene.began).as_secs();
    ensure!(
        (-ONSET_S..=ONSET_S).contains(&late),
        "{late} s late: {answer:#}"
    );
    ensure!(story["ended"].is_null(), "{answer:#}");
    assert_eq!(answer["findings"][0]["id"], "left_normal", "{answer:#}");

    let answer = scene.ask("metrics_overview", json!({})).await?;
    let unusual = names(&answer["unusual"], "signal");
    ensure!(unusual.iter().any(is_waiting), "{answer:#}");
    ensure!(answer["usual"]["availability"].is_string(), "{answer:#}");

    let series = json!({ "series": "threads_running", "minutes": 1 });
    let answer = scene.ask("metrics_correlate", series).await?;
    ensure!(answer["series_compared"].as_u64() > Some(50), "{answer:#}");
    let with = names(&answer["moved_with"], "series");
    ensure!(with.iter().any(|name| name.contains("lock")), "{answer:#}");

    let drawn = json!({ "series": ["row_locks_waited_for", "qps"], "minutes": 1,
                        "incident_from": scene.began.to_string() });
    let answer = scene.ask("metrics_chart", drawn).await?;
    assert_eq!(
        answer["series"].as_array().map(Vec::len),
        Some(2),
        "{answer:#}"
    );
    scene.server.stop().await
}

#[tokio::test]
async fn sessions_that_wait_for_a_row_are_seen_in_the_figures_of_mysql() -> Result<()> {
    is_told(Flavour::Mysql97).await
}

#[tokio::test]
async fn sessions_that_wait_for_a_row_are_seen_in_the_figures_of_mariadb() -> Result<()> {
    is_told(Flavour::Mariadb1011).await
}
