//! How fast all series of an instance are read from a store, and in how much memory.
//! `cargo run --release -p storex-clouds --no-default-features --example metrics_scan URL SELECTOR HOURS`

#![expect(clippy::print_stdout, reason = "its figures are its purpose")]

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use storex_clouds::prometheus::{
    Authorization, PrometheusMetrics, Selectors, Store, StoreSettings,
};
use storex_series::{Grid, Step};
use storex_sources::{Limits, MetricsSource, wall_clock};
use tokio_util::sync::CancellationToken;

const MOST: usize = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(url), Some(database), Some(hours)) = (words.next(), words.next(), words.next())
    else {
        return Err("name a URL, a selector and the hours to read".into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(url, database, hours.parse()?))
}

async fn measure(
    url: String,
    database: String,
    hours: i64,
) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::new(StoreSettings {
        url,
        authorization: Authorization::None,
        headers: Vec::new(),
        ca_pem: None,
    })?;
    let selectors = Selectors {
        database,
        host: None,
    };
    let metrics = PrometheusMetrics::new(store, &selectors)?.open(Limits {
        deadline: Instant::now() + Duration::from_secs(3600),
        cancel: CancellationToken::new(),
    });
    let now = wall_clock();
    let grid = Grid::new(now - SignedDuration::from_hours(hours), now, Step::MINUTE);
    let begun = Instant::now();
    let mut stream = metrics.scan(&grid, MOST).await?;
    let (mut series, mut figures) = (0, 0);
    while let Some(batch) = stream.next().await? {
        series += batch.len();
        figures += batch
            .iter()
            .flat_map(|one| &one.values)
            .filter(|value| value.is_finite())
            .count();
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{series} series, {figures} figures in {seconds:.1} s, {:.1} million/s, {}",
        figures as f64 / seconds / 1e6,
        peak().unwrap_or_else(|| "memory unknown".to_owned())
    );
    for missing in stream.missing() {
        println!("missing: {} ({})", missing.what, missing.why);
    }
    Ok(())
}

/// The most memory this process held at once.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let held = line.split_once(':')?.1.trim();
    Some(format!("at most {held} held"))
}
