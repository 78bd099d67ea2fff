//! `storex record --metrics`.

use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::SignedDuration;
use storex_integration_tests::Instance;
use storex_series::{Grid, Step};
use storex_snapshot::Replay;
use storex_sources::{Fetched, Limits, MetricsSource, Wanted, signal};
use tokio_util::sync::CancellationToken;

use super::recorded::with_metrics;
use crate::product::Product;

/// The signals there are, read from a snapshot over the hour before `replay` stands.
async fn read(replay: &Replay) -> Result<Fetched> {
    let metrics = replay.metrics().open(Limits {
        deadline: Instant::now() + Duration::from_secs(30),
        cancel: CancellationToken::new(),
    });
    let names = ["qps", "threads_running"].into_iter();
    let wanted: Vec<Wanted> = names.filter_map(signal).map(Wanted::Signal).collect();
    let now = metrics.now();
    let grid = Grid::new(now - SignedDuration::from_hours(1), now, Step::of(15));
    Ok(metrics.read(&wanted, &grid).await?)
}

#[tokio::test]
async fn metrics_that_are_recorded_again_stay_what_they_were() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (first, again) = (
        folder.path().join("first.tar.zst"),
        folder.path().join("again.tar.zst"),
    );
    with_metrics(&first, 24, 300.0).await?;
    let product = Product::over(&[Instance::snapshot("shop", &first)])?;
    let to = again.to_string_lossy();
    let printed = product.run(&[
        "record",
        "shop",
        "--to",
        &to,
        "--samples",
        "1",
        "--metrics",
        "2",
    ])?;
    assert!(
        printed.contains("metrics: 5 series every 15 s from "),
        "{printed}"
    );
    assert!(printed.contains("of Memory 1.0"), "{printed}");
    let (before, after) = (Replay::open(&first)?, Replay::open(&again)?);
    let (before, after) = (read(&before).await?, read(&after).await?);
    assert_eq!((before.series.len(), &before.missing), (2, &Vec::new()));
    let bits = |fetched: &Fetched| -> Vec<Vec<u64>> {
        let series = fetched.series.iter();
        series
            .map(|one| one.values.iter().map(|value| value.to_bits()).collect())
            .collect()
    };
    assert_eq!(bits(&before), bits(&after));
    Ok(())
}
