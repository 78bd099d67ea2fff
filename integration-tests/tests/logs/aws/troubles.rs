//! Throttling, cut connections and credentials that do not do.

use anyhow::{Context, Result, ensure};
use storex_fleet::AwsStore;
use storex_sources::{LogError, LogKind, WindowRead};
use storex_testkit::aws::{Fault, LogFiles, NewFile, Rds};

use super::{INSTANCE, Place, SLOW, at, slow_log};

/// More than the SDK's own attempts.
const OFTEN: usize = 4;

fn small(content: &[u8]) -> LogFiles {
    let mut files = LogFiles::default();
    files.add(NewFile {
        name: SLOW,
        hour: 11,
        last_written_ms: at(10, 10).as_millisecond(),
        content: content.to_vec(),
    });
    files
}

async fn goes_on_after(fault: Fault) -> Result<()> {
    let content = slow_log(at(10, 0), 100, 0..6000);
    let rds = Rds::start(INSTANCE, small(&content))?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let logs = place.open();
    let mut read = WindowRead::open(logs.as_ref(), LogKind::Slow, None, u64::MAX).await?;
    let mut bytes = Vec::new();
    let mut chunks = 0;
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
        chunks += 1;
        if chunks == 1 {
            rds.fail(&[fault; OFTEN]);
        }
    }
    let report = read.into_report();
    ensure!(bytes == content, "{} of {}", bytes.len(), content.len());
    ensure!(report.resumed > 0 && report.unread.is_empty(), "{report:?}");
    Ok(())
}

#[tokio::test]
async fn reading_goes_on_when_rds_no_longer_throttles() -> Result<()> {
    goes_on_after(Fault::Throttled).await
}

#[tokio::test]
async fn reading_goes_on_where_the_connection_was_cut() -> Result<()> {
    goes_on_after(Fault::Cut).await
}

async fn refused(place: &Place) -> Result<LogError> {
    let listed = place.open().list(LogKind::Slow).await;
    listed.err().context("it was listed")
}

#[tokio::test]
async fn credentials_that_may_not_are_told_what_to_permit_and_name_nobody() -> Result<()> {
    let rds = Rds::start(INSTANCE, small(b"one\n"))?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    for (fault, remedy) in [
        (Fault::Denied, "permit rds:DescribeDBLogFiles"),
        (Fault::UnknownKey, "are not valid or have expired"),
    ] {
        rds.fail(&[fault]);
        let error = refused(&place).await?;
        ensure!(matches!(error, LogError::Denied { .. }), "{error:?}");
        ensure!(error.remedy().contains(remedy), "{}", error.remedy());
        let told = format!("{error} {error:?} {}", error.remedy());
        for secret in ["ines", "123456789012", "AKIA"] {
            ensure!(!told.contains(secret), "{told}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn where_there_are_no_credentials_it_is_said_how_to_give_some() -> Result<()> {
    let rds = Rds::start(INSTANCE, small(b"one\n"))?;
    let mut place = Place::at(&rds.url(), AwsStore::Rds)?;
    place.logs.credentials_file = Some("/nowhere/credentials".into());
    let error = refused(&place).await?;
    ensure!(
        error.remedy().contains("give storex credentials"),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn credentials_written_anew_are_read_again() -> Result<()> {
    let rds = Rds::start(INSTANCE, small(b"one\n"))?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let path = place.logs.credentials_file.clone().context("no file")?;
    let good = std::fs::read(&path)?;
    std::fs::write(&path, "[other]\n")?;
    ensure!(matches!(refused(&place).await?, LogError::Denied { .. }));
    std::fs::write(&path, good)?;
    ensure!(place.open().list(LogKind::Slow).await?.files.len() == 1);
    Ok(())
}

#[tokio::test]
async fn another_instance_or_no_server_is_told_apart() -> Result<()> {
    let rds = Rds::start("other", small(b"one\n"))?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let error = refused(&place).await?;
    ensure!(matches!(error, LogError::NotFound { .. }), "{error:?}");
    let place = Place::at("http://127.0.0.1:1", AwsStore::Rds)?;
    let error = refused(&place).await?;
    ensure!(matches!(error, LogError::Unreachable { .. }), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_refused_after_it_was_listed_is_told_as_unread() -> Result<()> {
    let content = slow_log(at(10, 0), 100, 0..100);
    let rds = Rds::start(INSTANCE, small(&content))?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let logs = place.open();
    let mut read = WindowRead::open(logs.as_ref(), LogKind::Slow, None, u64::MAX).await?;
    rds.fail(&[Fault::Denied]);
    ensure!(read.next().await?.is_none(), "something was read");
    let report = read.into_report();
    ensure!(report.unread.len() == 1, "{report:?}");
    ensure!(
        report.unread[0].bytes == Some(content.len() as u64),
        "{report:?}"
    );
    Ok(())
}
