//! How fast a log is read, whole and a twenty-fourth of its time.
//! `cargo run --release -p storex-clouds --example throughput FILE...`

#![expect(clippy::print_stdout, reason = "its figures are its purpose")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use storex_clouds::files::{FileLogs, Settings};
use storex_fleet::LogFiles;
use storex_sources::{Limits, LogError, LogKind, Logs, LogsSource, Window, WindowRead};
use tokio_util::sync::CancellationToken;

const MB: f64 = 1e6;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    for path in std::env::args().skip(1) {
        runtime.block_on(measure(path.into()))?;
    }
    Ok(())
}

async fn measure(path: PathBuf) -> Result<(), LogError> {
    let files = LogFiles {
        slow: Some(path),
        error: None,
    };
    let logs = FileLogs::new(files, TimeZone::UTC, Settings::default()).open(Limits {
        deadline: Instant::now() + Duration::from_secs(3600),
        cancel: CancellationToken::new(),
    });
    let begun = Instant::now();
    let listing = logs.list(LogKind::Slow).await?;
    let listed_ms = begun.elapsed().as_secs_f64() * 1e3;
    for file in &listing.files {
        let size = file.size_bytes.unwrap_or(0) as f64 / MB;
        println!(
            "{}: {size:.0} MB, {:?}, listed in {listed_ms:.1} ms",
            file.name, file.covered
        );
    }
    read(logs.as_ref(), "whole", None).await?;
    let first = listing.files.iter().find_map(|file| file.covered.first);
    let last = listing
        .files
        .iter()
        .rev()
        .find_map(|file| file.covered.last);
    if let (Some(first), Some(last)) = (first, last) {
        let part = last.duration_since(first) / 24;
        let from = first + part * 10;
        let to = from + part;
        read(logs.as_ref(), "a 24th", Some(Window { from, to })).await?;
    }
    Ok(())
}

async fn read(logs: &dyn Logs, what: &str, window: Option<Window>) -> Result<(), LogError> {
    let begun = Instant::now();
    let mut read = WindowRead::open(logs, LogKind::Slow, window, u64::MAX).await?;
    let mut lines = 0;
    while let Some(chunk) = read.next().await? {
        // Looked at once, as whoever splits them does.
        lines += memchr::memchr_iter(b'\n', &chunk.bytes).count();
    }
    let took = begun.elapsed().as_secs_f64();
    let read = read.into_report();
    let megabytes = read.bytes as f64 / MB;
    println!(
        "  {what}: {megabytes:.1} MB, {lines} lines in {took:.3} s: {:.0} MB/s; passed over {:.1} MB",
        megabytes / took,
        read.passed_over_bytes as f64 / MB
    );
    Ok(())
}
