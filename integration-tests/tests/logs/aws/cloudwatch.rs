//! What RDS exports to CloudWatch Logs, on moto.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use storex_fleet::AwsStore;
use storex_sources::{LogError, LogKind, UnreadWhy, Window, WindowRead};
use storex_testkit::aws::{Fault, Moto, REGION};
use storex_testkit::clients;

use super::super::numbers;
use super::{INSTANCE, Place, at, entries, read};

/// Puts entries into a group, an event each, as RDS does.
pub(super) fn put(
    moto: &Moto,
    group: &str,
    streams: &[(&str, &[(Timestamp, String)])],
) -> Result<()> {
    let streams = streams.iter().map(|(name, entries)| {
        let events = entries.iter().map(|(time, text)| {
            // An event ends without a line break.
            json!([time.as_millisecond(), text.trim_end_matches('\n')])
        });
        ((*name).to_owned(), Value::Array(events.collect()))
    });
    let order = json!({ "group": group, "streams": Value::Object(streams.collect()) });
    let mut child = Command::new(clients::aws_python()?)
        .args(["-c", include_str!("../../../clients/aws/put_events.py")])
        .args([&moto.direct_url(), REGION])
        .stdin(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("no standard input")?;
    input.write_all(order.to_string().as_bytes())?;
    drop(input);
    ensure!(child.wait()?.success(), "the events were not taken");
    Ok(())
}

const GROUP: &str = "/aws/rds/instance/shop-eu-1/slowquery";

/// An entry every six seconds, from midnight of a day on.
fn day(numbers: std::ops::Range<usize>) -> Vec<(Timestamp, String)> {
    entries(at(0, 0), 6000, numbers).collect()
}

fn text_of(entries: &[(Timestamp, String)]) -> Vec<u8> {
    entries.iter().flat_map(|(_, text)| text.bytes()).collect()
}

#[tokio::test]
async fn events_of_many_pages_are_the_log_byte_for_byte_through_throttling_and_cuts() -> Result<()>
{
    let moto = Moto::start()?;
    let log = day(0..10_200);
    put(&moto, GROUP, &[(INSTANCE, &log)])?;
    let place = Place::at(&moto.url(), AwsStore::CloudWatch)?;
    let logs = place.open();
    let listing = logs.list(LogKind::Slow).await?;
    ensure!(listing.files.len() == 1, "{listing:?}");
    ensure!(
        listing.files[0].covered.first == Some(at(0, 0)),
        "{listing:?}"
    );

    let mut read = WindowRead::open(logs.as_ref(), LogKind::Slow, None, u64::MAX).await?;
    let (mut bytes, mut chunks) = (Vec::new(), 0);
    while let Some(chunk) = read.next().await? {
        ensure!(chunk.offset == bytes.len() as u64, "{}", chunk.offset);
        bytes.extend_from_slice(&chunk.bytes);
        chunks += 1;
        if chunks == 1 {
            moto.fail(&[Fault::Throttled; 4]);
            moto.fail(&[Fault::Cut; 4]);
        }
    }
    let report = read.into_report();
    ensure!(bytes == text_of(&log), "{} bytes", bytes.len());
    ensure!(chunks > 1 && report.resumed > 0, "{chunks} {report:?}");
    ensure!(report.unread.is_empty(), "{report:?}");
    Ok(())
}

#[tokio::test]
async fn a_window_of_an_exported_log_reads_that_window_and_a_budget_is_kept() -> Result<()> {
    let moto = Moto::start()?;
    let log: Vec<_> = entries(at(0, 0), 60_000, 0..1000).collect();
    put(&moto, GROUP, &[(INSTANCE, &log)])?;
    let place = Place::at(&moto.url(), AwsStore::CloudWatch)?;
    let window = Window {
        from: at(5, 0),
        to: at(6, 0),
    };
    let (bytes, report) = read(place.open().as_ref(), Some(window), u64::MAX).await?;
    let found = numbers(&bytes);
    let wanted: Vec<usize> = (300..360).collect();
    ensure!(found.windows(60).any(|part| part == wanted), "{found:?}");
    ensure!(found.len() < 65, "{}", found.len());
    ensure!(report.bytes == bytes.len() as u64 && report.unread.is_empty());

    let (bytes, report) = read(place.open().as_ref(), Some(window), 1000).await?;
    ensure!(bytes.len() == 1000, "{}", bytes.len());
    ensure!(report.unread[0].why == UnreadWhy::Budget, "{report:?}");
    Ok(())
}

#[tokio::test]
async fn of_a_cluster_only_the_instance_is_read_and_what_is_not_exported_is_told() -> Result<()> {
    let moto = Moto::start()?;
    let (own, other) = (day(0..100), day(100..200));
    let streams = [("shop-eu-10", &other[..]), (INSTANCE, &own[..])];
    put(&moto, "/aws/rds/cluster/shop-eu/slowquery", &streams)?;
    let mut place = Place::at(&moto.url(), AwsStore::CloudWatch)?;
    place.logs.cluster = Some("shop-eu".to_owned());
    let (bytes, _) = read(place.open().as_ref(), None, u64::MAX).await?;
    ensure!(bytes == text_of(&own), "{:?}", numbers(&bytes));

    let error = place.open().list(LogKind::Error).await.err();
    let error = error.context("an error log was listed")?;
    ensure!(matches!(error, LogError::NotFound { .. }), "{error:?}");
    moto.fail(&[Fault::Denied]);
    let error = place.open().list(LogKind::Slow).await.err();
    let error = error.context("it was listed")?;
    ensure!(error.remedy().contains("logs:FilterLogEvents"), "{error:?}");
    Ok(())
}
