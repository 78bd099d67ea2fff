//! From the inventory to the digest: logs of a real server, kept as RDS keeps them.

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::json;
use storex_fleet::AwsStore;
use storex_integration_tests::{House, Instance};
use storex_sources::wall_clock;
use storex_testkit::Flavour;
use storex_testkit::aws::{LogFiles, Moto, NewFile, Rds, write_credentials};

use super::super::{logging, run_numbered};
use super::{INSTANCE, Place, SLOW, cloudwatch, groups, read};
use crate::odd_tools::DOMAIN;
use crate::product::Product;

/// What a real server wrote: its slow log and its error log.
async fn written() -> Result<(Vec<u8>, Vec<u8>)> {
    let server = logging(Flavour::Mysql97).await?;
    run_numbered(&server, 0..300).await?;
    let slow = std::fs::read(server.slow_log())?;
    let error = std::fs::read(server.error_log_path())?;
    server.stop().await?;
    Ok((slow, error))
}

fn instance(url: &str, store: &str, credentials: &std::path::Path) -> Instance {
    Instance::nowhere("db").with_logs(&format!(
        "aws.instance = \"{INSTANCE}\"\naws.store = \"{store}\"\naws.endpoint = \"{url}\"\n\
         aws.credentials_file = \"{}\"",
        credentials.display()
    ))
}

#[tokio::test]
async fn files_of_rds_are_listed_by_the_doctor_read_by_tools_and_digest_as_they_are() -> Result<()>
{
    let (slow, error) = written().await?;
    let now_ms = wall_clock().as_millisecond();
    // Between two entries, as RDS rotates.
    let middle = entry_starts(&slow)[100];
    let mut files = LogFiles::default();
    let rotated = format!("{SLOW}.2026-11-22.18");
    for (name, hour, content) in [
        (rotated.as_str(), 18, slow[..middle].to_vec()),
        (SLOW, 19, slow[middle..].to_vec()),
        ("error/mysql-error-running.log", 19, error.clone()),
    ] {
        files.add(NewFile {
            name,
            hour,
            last_written_ms: now_ms,
            content,
        });
    }
    let rds = Rds::start(INSTANCE, files)?;
    let folder = tempfile::tempdir()?;
    let credentials = write_credentials(folder.path())?;

    let product = Product::over(&[instance(&rds.url(), "rds", &credentials)])?;
    let told = product.tell(&["doctor"])?;
    let kib = slow.len().div_ceil(1024);
    let line = format!("ok      slow log: files: 2, {kib} KiB");
    ensure!(told.contains(&line), "{told}");
    ensure!(told.contains("ok      error log: files: 1, "), "{told}");

    let house = House::of(&[instance(&rds.url(), "rds", &credentials)], "", &[&DOMAIN])?;
    let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
    ensure!(answer["files"] == 2, "{answer}");

    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let (bytes, report) = read(place.open().as_ref(), None, u64::MAX).await?;
    ensure!(report.unread.is_empty(), "{report:?}");
    let expected = groups(&slow);
    ensure!(
        !expected.is_empty() && groups(&bytes) == expected,
        "other groups"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_exported_is_listed_by_the_doctor_and_digests_as_the_file_does() -> Result<()> {
    let (slow, _) = written().await?;
    let starts = entry_starts(&slow);
    let mut events = Vec::new();
    for (turn, start) in starts.iter().enumerate() {
        let end = starts.get(turn + 1).copied().unwrap_or(slow.len());
        let text = String::from_utf8(slow[*start..end].to_vec())?;
        let time = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# Time: "));
        let time: Timestamp = time.context("an entry without a time")?.parse()?;
        events.push((time, text));
    }
    let moto = Moto::start()?;
    let group = format!("/aws/rds/instance/{INSTANCE}/slowquery");
    cloudwatch::put(&moto, &group, &[(INSTANCE, &events)])?;
    let folder = tempfile::tempdir()?;
    let credentials = write_credentials(folder.path())?;
    let product = Product::over(&[instance(&moto.url(), "cloudwatch", &credentials)])?;
    let told = product.tell(&["doctor"])?;
    ensure!(told.contains("ok      slow log: files: 1, "), "{told}");
    ensure!(
        told.contains("FAIL    error log: no error log is where"),
        "{told}"
    );

    let place = Place::at(&moto.url(), AwsStore::CloudWatch)?;
    let (bytes, report) = read(place.open().as_ref(), None, u64::MAX).await?;
    ensure!(report.unread.is_empty(), "{report:?}");
    // Without the server's own head.
    let expected = groups(&slow[starts[0]..]);
    ensure!(
        !expected.is_empty() && groups(&bytes) == expected,
        "other groups"
    );
    Ok(())
}

/// Where the entries of a slow log begin.
fn entry_starts(log: &[u8]) -> Vec<usize> {
    let text = String::from_utf8_lossy(log);
    text.match_indices("# Time: ").map(|(at, _)| at).collect()
}
