//! Logs in Cloud Storage, read from the test kit's stand-in for it.

mod described;
mod failing;
mod reading;
mod whole_way;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storex_clouds::google::{BucketLogs, Settings};
use storex_fleet::{GoogleLogs, GoogleRoute};
use storex_sources::{
    Limits, LogKind, LogReport, Logs, LogsSource, Window, WindowRead, wall_clock,
};
use storex_testkit::cloud_storage::{CloudStorage, Shape, Sink};
use tokio_util::sync::CancellationToken;

const BUCKET: &str = "shop-logs";
const DATABASE: &str = "shop-prod:shop-eu-1";
const HOUR: i64 = 3600;
/// Plenty.
const BUDGET: u64 = 1 << 30;

fn limits() -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(60),
        cancel: CancellationToken::new(),
    }
}

fn logs_of(cloud: &CloudStorage, settings: Settings) -> Box<dyn Logs> {
    let logs = GoogleLogs {
        bucket: BUCKET.to_owned(),
        database: DATABASE.to_owned(),
        route: GoogleRoute::Both,
        endpoint: Some(cloud.endpoint()),
    };
    BucketLogs::new(logs, TimeZone::UTC, settings).open(limits())
}

/// Small parts, so that a little data makes many of them.
fn small() -> Settings {
    Settings {
        chunk_bytes: 4 << 10,
        page_objects: 5,
        ..Settings::default()
    }
}

/// The start of a day that is over, and that storex still looks at.
fn a_day() -> Timestamp {
    let days = (wall_clock().as_second() / (24 * HOUR)) - 2;
    Timestamp::from_second(days * 24 * HOUR).unwrap()
}

fn after(day: Timestamp, seconds: i64) -> Timestamp {
    day + SignedDuration::from_secs(seconds)
}

fn window(day: Timestamp, from: i64, to: i64) -> Window {
    Window {
        from: after(day, from),
        to: after(day, to),
    }
}

/// The record of a statement that carries a number.
fn record(number: usize, at: Timestamp) -> String {
    let seconds = at.as_second();
    format!(
        "# Time: {at:.6}\n# User@Host: app[app] @  [10.0.0.9]  Id: {number:5}\n\
         # Query_time: 0.250000  Lock_time: 0.000001 Rows_sent: 1  Rows_examined: 9\n\
         SET timestamp={seconds};\nSELECT a,\n\n  b /* number {number}. */ FROM t WHERE id = {number};\n"
    )
}

/// What a server logged, by its times: a record every `apart` seconds from `from` to `to`.
fn logged(day: Timestamp, from: i64, to: i64, apart: usize) -> BTreeMap<Timestamp, String> {
    let seconds = (from..to).step_by(apart);
    seconds
        .enumerate()
        .map(|(number, second)| {
            let at = after(day, second);
            (at, record(number, at))
        })
        .collect()
}

/// Writes records as a sink does; shards of an hour in turn.
fn sunk(records: &BTreeMap<Timestamp, String>, shape: Shape, shards: &[&str]) -> Sink {
    let mut sink = Sink::of_slow_log(DATABASE, shape);
    for ((at, text), shard) in records.iter().zip(shards.iter().cycle()) {
        sink.write(&format!("{at:.6}"), text, shard);
    }
    sink
}

fn put(cloud: &CloudStorage, sink: &Sink) {
    for (name, content) in sink.objects() {
        cloud.put(BUCKET, &name, content);
    }
}

fn text_of<'a>(records: impl IntoIterator<Item = (&'a Timestamp, &'a String)>) -> String {
    records.into_iter().map(|(_, text)| text.as_str()).collect()
}

async fn read(
    logs: &dyn Logs,
    kind: LogKind,
    window: Option<Window>,
    budget: u64,
) -> Result<(String, LogReport)> {
    let mut reading = WindowRead::open(logs, kind, window, budget).await?;
    let mut text = Vec::new();
    while let Some(chunk) = reading.next().await? {
        text.extend_from_slice(&chunk.bytes);
    }
    Ok((String::from_utf8(text)?, reading.into_report()))
}
