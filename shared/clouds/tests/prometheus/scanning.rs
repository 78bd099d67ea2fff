//! All series of an instance.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use storex_series::{Kind, Series, SeriesId, Unit};
use storex_sources::{MetricsError, SIGNALS, Wanted};
use storex_testkit::Flavour;
use storex_testkit::monitoring::Make;

use super::stage::{Stage, last};

async fn all(stage: &Stage, most: usize) -> Result<(Vec<Series>, usize)> {
    let metrics = stage.metrics();
    let mut stream = metrics.scan(&last(10), most).await?;
    let (mut series, mut largest) = (Vec::new(), 0);
    while let Some(batch) = stream.next().await? {
        largest = largest.max(batch.len());
        series.extend(batch);
    }
    Ok((series, largest))
}

async fn a_scan(flavour: Flavour, make: Make) -> Result<()> {
    let stage = Stage::set(flavour, make).await?;
    let (series, largest) = all(&stage, 10_000).await?;
    assert!(largest <= 120, "{largest}");
    let ids: BTreeSet<SeriesId> = series.iter().map(|series| series.id.clone()).collect();
    assert_eq!(ids.len(), series.len(), "a series comes twice");
    assert!(ids.len() > 500, "{}", ids.len());
    let signals = SIGNALS
        .iter()
        .map(|signal| signal.name)
        .collect::<BTreeSet<_>>();
    let first_other = series
        .iter()
        .position(|series| !signals.contains(series.id.name.as_str()));
    assert!(first_other.is_some_and(|at| at > 40), "{first_other:?}");
    assert!(
        series[first_other.unwrap()..]
            .iter()
            .all(|one| !signals.contains(one.id.name.as_str()))
    );
    let has = |name: &str| ids.iter().any(|id| id.name == name);
    // They are signals already, and what the exporter does is no business of the server.
    for name in [
        "mysql_global_status_queries",
        "mysql_up",
        "go_goroutines",
        "scrape_duration_seconds",
    ] {
        assert!(!has(name), "{name}");
    }
    let flush = ids
        .iter()
        .find(|id| id.to_string() == "mysql_global_status_commands_total{command=\"flush\"}");
    assert!(
        flush.is_some(),
        "labels of the instance stay, or labels of the series go"
    );
    assert!(has("node_load1") && has("mysql_global_variables_max_connections"));
    for one in &series {
        let told = one
            .id
            .labels
            .values()
            .any(|value| value.contains("db1") || value.contains("db2"));
        assert!(!told, "{}", one.id);
        assert_eq!(one.values.len(), 10, "{}", one.id);
        if one.kind == Kind::Counter {
            let counted: Vec<f64> = one
                .values
                .iter()
                .copied()
                .filter(|value| value.is_finite())
                .collect();
            assert!(counted.is_sorted(), "{} is no counter: {counted:?}", one.id);
        }
    }
    kinds_are_told(&series);

    let (few, _) = all(&stage, 70).await?;
    assert_eq!(few.len(), 70);
    Ok(())
}

fn kinds_are_told(series: &[Series]) {
    let kinds: BTreeMap<&str, (Kind, Unit)> = series
        .iter()
        .map(|one| (one.id.name.as_str(), (one.kind, one.unit)))
        .collect();
    assert_eq!(
        kinds["mysql_global_status_commands_total"],
        (Kind::Counter, Unit::Count)
    );
    assert_eq!(
        kinds["mysql_global_status_open_tables"],
        (Kind::Gauge, Unit::Count)
    );
    assert_eq!(kinds["node_disk_read_bytes_total"].0, Kind::Counter);
}

#[tokio::test]
async fn a_scan_reads_each_series_of_mysql_once_from_prometheus() -> Result<()> {
    a_scan(Flavour::Mysql97, Make::Prometheus).await
}

#[tokio::test]
async fn a_scan_reads_each_series_of_mariadb_once_from_victoriametrics() -> Result<()> {
    a_scan(Flavour::Mariadb1011, Make::VictoriaMetrics).await
}

#[tokio::test]
async fn names_are_found_by_a_part_and_their_series_read() -> Result<()> {
    let stage = Stage::set(Flavour::Mysql97, Make::Prometheus).await?;
    let metrics = stage.metrics();
    let found = metrics.names("COMMANDS_total", 1_000).await?;
    assert!(found.len() > 50 && found.is_sorted());
    assert!(
        found
            .iter()
            .all(|id| id.name == "mysql_global_status_commands_total")
    );
    assert_eq!(metrics.names(".*", 10).await?, []);
    assert_eq!(metrics.names("", 7).await?.len(), 7);

    let mut select = found
        .iter()
        .find(|id| id.labels["command"] == "select")
        .unwrap()
        .clone();
    let grid = last(5);
    let fetched = metrics
        .read(&[Wanted::Named(select.clone())], &grid)
        .await?;
    assert_eq!(fetched.series.len(), 1, "{fetched:?}");
    let read = &fetched.series[0];
    assert_eq!(
        (&read.id, read.kind, read.unit),
        (&select, Kind::Gauge, Unit::PerSecond)
    );
    // The exporter itself asks some things every second.
    assert!(
        read.values.iter().any(|rate| (0.5..100.0).contains(rate)),
        "{read:?}"
    );

    select.labels.clear();
    let fetched = metrics.read(&[Wanted::Named(select)], &grid).await?;
    assert_eq!(fetched.series.len(), found.len());

    let unknown = SeriesId::named("mysql_no_such_thing");
    let missing = metrics
        .read(&[Wanted::Named(unknown)], &grid)
        .await?
        .missing;
    assert_eq!(missing[0].what, "mysql_no_such_thing");
    Ok(())
}

#[tokio::test]
async fn an_instance_that_is_not_in_the_store_is_told_from_one_without_figures() -> Result<()> {
    use storex_clouds::prometheus::{
        Authorization, PrometheusMetrics, Selectors, Store, StoreSettings,
    };
    use storex_sources::MetricsSource as _;

    let stage = Stage::set(Flavour::Mariadb1011, Make::Prometheus).await?;
    let store = Store::new(StoreSettings {
        url: stage.store.url(),
        authorization: Authorization::None,
        headers: Vec::new(),
        ca_pem: None,
    })?;
    let selectors = Selectors {
        database: "instance=\"db9:9104\"".to_owned(),
        host: None,
    };
    let metrics = PrometheusMetrics::new(store, &selectors)?.open(super::stage::limits());
    let error = metrics.about().await.unwrap_err();
    assert!(matches!(error, MetricsError::NoSeries { .. }), "{error:?}");
    Ok(())
}
