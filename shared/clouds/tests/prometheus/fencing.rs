//! Queries of callers, on stores that hold another instance as well.

use anyhow::Result;
use storex_sources::{Metrics, MetricsError};
use storex_testkit::Flavour;
use storex_testkit::monitoring::Make;

use super::stage::{OTHER, Stage, last};

async fn newest(metrics: &dyn Metrics, query: &str) -> Result<Vec<f64>> {
    let fetched = metrics.query(query, &last(5), 100).await?;
    let newest = |values: &Vec<f64>| values.iter().rev().copied().find(|value| value.is_finite());
    Ok(fetched
        .series
        .iter()
        .filter_map(|series| newest(&series.values))
        .collect())
}

async fn no_query_leaves_the_instance(make: Make) -> Result<()> {
    let stage = Stage::set(Flavour::Mariadb1011, make).await?;
    assert_eq!(stage.store.figure("sum(mysql_up)").await?, Some(2.0));
    let metrics = stage.metrics();
    let metrics = metrics.as_ref();
    for query in [
        "sum(mysql_up)",
        "count(mysql_up)",
        "sum({__name__=\"mysql_up\"})",
        "sum({__name__=~\"mysql_up|x\"})",
        "sum(mysql_up{instance!=\"\"})",
        "sum(mysql_up{instance=~\".+\"} or mysql_up)",
        "sum(max_over_time(mysql_up[5s]))",
        "sum(mysql_up offset 1s)",
        "count(count by (instance) (mysql_up))",
        "sum(label_replace(mysql_up, \"a\", \"$1\", \"instance\", \"(.*)\"))",
    ] {
        assert_eq!(newest(metrics, query).await?, [1.0], "{make:?} {query}");
    }
    for query in [
        format!("mysql_up{{instance={OTHER:?}}}"),
        format!("mysql_up{{instance=~{OTHER:?}}}"),
        "mysql_up{job='\"} or mysql_up{instance!=\"'}".to_owned(),
        "{\"mysql_up} or mysql_up{instance!=\"}".to_owned(),
    ] {
        match newest(metrics, &query).await {
            Ok(found) => assert_eq!(found, [0.0; 0], "{make:?} {query}"),
            Err(error) => panic!("{make:?} {query}: {error}"),
        }
    }
    for query in [
        format!("mysql_up{{instance=\"x\" or instance={OTHER:?}}}"),
        format!("mysql_up{{__graphite__={OTHER:?}}}"),
        format!("WITH (x = {{instance={OTHER:?}}}) mysql_up{{x}}"),
        "mysql_up[".to_owned(),
    ] {
        let refused = metrics.query(&query, &last(5), 100).await;
        assert!(
            matches!(refused, Err(MetricsError::Refused { .. })),
            "{query}: {refused:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn no_query_leaves_the_instance_on_prometheus() -> Result<()> {
    no_query_leaves_the_instance(Make::Prometheus).await
}

#[tokio::test]
async fn no_query_leaves_the_instance_on_victoriametrics() -> Result<()> {
    no_query_leaves_the_instance(Make::VictoriaMetrics).await
}

#[tokio::test]
async fn a_query_is_bounded_and_says_what_is_left_out() -> Result<()> {
    let stage = Stage::set(Flavour::Mysql97, Make::Prometheus).await?;
    let metrics = stage.metrics();
    let fetched = metrics
        .query("mysql_global_status_commands_total", &last(5), 10)
        .await?;
    assert_eq!(fetched.series.len(), 10);
    assert!(
        fetched
            .missing
            .iter()
            .any(|one| one.what == "series beyond the first 10"),
        "{:?}",
        fetched.missing
    );
    assert!(
        fetched
            .series
            .iter()
            .all(|one| one.id.labels.keys().eq(["command"]))
    );

    // Status variables are untyped, on which Prometheus remarks.
    let fetched = metrics
        .query("rate(mysql_global_status_queries[5s])", &last(5), 10)
        .await?;
    assert!(
        fetched
            .missing
            .iter()
            .any(|one| one.why.contains("remarks")),
        "{:?}",
        fetched.missing
    );

    let too_long = metrics.query("mysql_up", &last(12_000), 1).await;
    assert!(matches!(too_long, Err(MetricsError::TooMuch { .. })));
    // The store's own words on what this parser takes and the store does not.
    let refused = metrics.query("mysql_up{a=~\"(?x)b\"}", &last(5), 1).await;
    assert!(
        matches!(refused, Err(MetricsError::Refused { .. })),
        "{refused:?}"
    );
    Ok(())
}
