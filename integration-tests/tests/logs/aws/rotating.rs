//! A log that RDS rotates while it is read.

use anyhow::{Result, ensure};
use jiff::SignedDuration;
use storex_fleet::AwsStore;
use storex_sources::{LogReport, wall_clock};
use storex_testkit::aws::{LogFiles, NewFile, Rds};

use super::super::numbers;
use super::{INSTANCE, Place, SLOW, read, slow_log};

const BEFORE: usize = 9000;

/// Reads a live log that is rotated after its second portion; the rotated file goes on being written, and is
/// listed at once or only as the new one is read.
async fn rotated(listed: bool) -> Result<(Vec<usize>, LogReport)> {
    let now = wall_clock();
    let began = now - SignedDuration::from_mins(50);
    let now_ms = now.as_millisecond();
    let mut files = LogFiles::default();
    files.add(NewFile {
        name: SLOW,
        hour: 18,
        last_written_ms: now_ms,
        content: slow_log(began, 100, 0..BEFORE),
    });
    let rds = Rds::start(INSTANCE, files)?;
    rds.change_after(2, move |files| {
        let old = format!("{SLOW}.18");
        files.rotate(SLOW, &old, listed, now_ms);
        files.append(&old, &slow_log(now, 10, BEFORE..BEFORE + 50), now_ms);
        files.append(SLOW, &slow_log(now, 10, BEFORE + 50..BEFORE + 100), now_ms);
    });
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let (bytes, report) = read(place.open().as_ref(), None, u64::MAX).await?;
    Ok((numbers(&bytes), report))
}

#[tokio::test]
async fn rotating_a_log_while_it_is_read_loses_and_doubles_nothing() -> Result<()> {
    let (found, report) = rotated(true).await?;
    let wanted: Vec<usize> = (0..BEFORE + 100).collect();
    ensure!(found == wanted, "{} entries: {report:?}", found.len());
    ensure!(
        report.unread.is_empty() && report.gaps.is_empty(),
        "{report:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_rotated_file_that_is_not_listed_yet_is_told_as_a_gap() -> Result<()> {
    let (found, report) = rotated(false).await?;
    // It was read to its end by its old name all the same.
    let wanted: Vec<usize> = (0..BEFORE + 100).collect();
    ensure!(found == wanted, "{} entries: {report:?}", found.len());
    ensure!(report.gaps.len() == 1, "{report:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_written_to_a_rotated_file_after_it_was_read_is_read_as_well() -> Result<()> {
    let now = wall_clock();
    let began = now - SignedDuration::from_mins(50);
    let now_ms = now.as_millisecond();
    let mut files = LogFiles::default();
    files.add(NewFile {
        name: SLOW,
        hour: 18,
        last_written_ms: now_ms,
        content: slow_log(began, 100, 0..100),
    });
    let rds = Rds::start(INSTANCE, files)?;
    // One portion is all of it: it is rotated when it was read to its end.
    rds.change_after(1, move |files| {
        let old = format!("{SLOW}.18");
        files.rotate(SLOW, &old, true, now_ms);
        files.append(&old, &slow_log(now, 10, 100..150), now_ms);
        files.append(SLOW, &slow_log(now, 10, 150..200), now_ms);
    });
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let (bytes, report) = read(place.open().as_ref(), None, u64::MAX).await?;
    let found = numbers(&bytes);
    ensure!(
        found == (0..200).collect::<Vec<_>>(),
        "{found:?}: {report:?}"
    );
    Ok(())
}
