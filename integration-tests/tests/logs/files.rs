//! The files themselves: listed with their times, read whole and in part, rotated while they are read.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use mysql_async::prelude::Queryable;
use storex_clouds::files::{FileLogs, Settings};
use storex_fleet::LogFiles;
use storex_sources::{
    Limits, LogKind, LogReport, Logs, LogsSource, Window, WindowRead, wall_clock,
};
use storex_testkit::{Flavour, MySqlServer};
use tokio_util::sync::CancellationToken;

use super::{logging, numbers, run_numbered};

fn logs_of(server: &MySqlServer, chunk_bytes: usize) -> Box<dyn Logs> {
    let files = LogFiles {
        slow: Some(server.slow_log()),
        error: Some(server.error_log_path()),
    };
    let settings = Settings {
        chunk_bytes,
        chunks_ahead: 1,
        ..Settings::default()
    };
    FileLogs::new(files, TimeZone::system(), settings).open(Limits {
        deadline: Instant::now() + Duration::from_secs(120),
        cancel: CancellationToken::new(),
    })
}

async fn read(logs: &dyn Logs, window: Option<Window>) -> Result<(Vec<u8>, LogReport)> {
    let mut read = WindowRead::open(logs, LogKind::Slow, window, u64::MAX).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
    }
    Ok((bytes, read.into_report()))
}

fn near(time: Option<Timestamp>, expected: Timestamp, by_s: i64) -> bool {
    let slack = SignedDuration::from_secs(by_s);
    time.is_some_and(|time| time.duration_since(expected).abs() <= slack)
}

async fn is_listed_with_its_times_and_read_whole(flavour: Flavour) -> Result<()> {
    let begun = wall_clock();
    let server = logging(flavour).await?;
    run_numbered(&server, 0..500).await?;
    let ended = wall_clock();
    let logs = logs_of(&server, 10_000);
    let taken_s = ended.duration_since(begun).as_secs() + 2;
    for kind in LogKind::ALL {
        let files = logs.list(kind).await?.files;
        ensure!(files.len() == 1, "{files:?}");
        ensure!(
            near(files[0].covered.first, begun, taken_s),
            "{kind}: {files:?}"
        );
        ensure!(
            near(files[0].covered.last, ended, taken_s),
            "{kind}: {files:?}"
        );
    }
    let (bytes, report) = read(logs.as_ref(), None).await?;
    ensure!(
        bytes == std::fs::read(server.slow_log())?,
        "other bytes than the file's"
    );
    ensure!(
        numbers(&bytes) == (0..500).collect::<Vec<_>>(),
        "other statements"
    );
    ensure!(report.unread.is_empty(), "{report:?}");
    Ok(())
}

#[tokio::test]
async fn the_log_of_mysql_is_listed_with_its_times_and_read_whole() -> Result<()> {
    is_listed_with_its_times_and_read_whole(Flavour::Mysql97).await
}

#[tokio::test]
async fn the_log_of_mariadb_is_listed_with_its_times_and_read_whole() -> Result<()> {
    is_listed_with_its_times_and_read_whole(Flavour::Mariadb1011).await
}

/// Statements of some time ago are passed over, and so are those after the window.
async fn is_read_about_the_window(flavour: Flavour) -> Result<()> {
    const QUIET: Duration = Duration::from_secs(8);
    let server = logging(flavour).await?;
    run_numbered(&server, 0..1000).await?;
    tokio::time::sleep(QUIET).await;
    let from = wall_clock();
    run_numbered(&server, 1000..2000).await?;
    let to = wall_clock();
    tokio::time::sleep(QUIET).await;
    run_numbered(&server, 2000..3000).await?;
    let logs = logs_of(&server, 64 << 10);
    // MariaDB tells whole seconds.
    let from = from.checked_sub(SignedDuration::from_secs(1))?;
    let (bytes, report) = read(logs.as_ref(), Some(Window { from, to })).await?;
    let found = numbers(&bytes);
    let wanted: Vec<usize> = (1000..2000).collect();
    ensure!(found.windows(1000).any(|part| part == wanted), "{found:?}");
    let size = std::fs::metadata(server.slow_log())?.len();
    ensure!(
        report.bytes + report.passed_over_bytes == size,
        "{report:?} of {size}"
    );
    ensure!(report.passed_over_bytes > size / 3, "{report:?} of {size}");
    Ok(())
}

#[tokio::test]
async fn a_window_of_the_log_of_mysql_reads_about_the_window() -> Result<()> {
    is_read_about_the_window(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_window_of_the_log_of_mariadb_reads_about_the_window() -> Result<()> {
    is_read_about_the_window(Flavour::Mariadb1011).await
}

/// The log is renamed and reopened several times while it is read and written.
async fn is_rotated_while_it_is_read(flavour: Flavour) -> Result<()> {
    const BEFORE: usize = 2000;
    let server = logging(flavour).await?;
    run_numbered(&server, 0..BEFORE).await?;
    let logs = logs_of(&server, 20_000);
    let mut read = WindowRead::open(logs.as_ref(), LogKind::Slow, None, u64::MAX).await?;
    let (mut bytes, mut chunks, mut rotations, mut written) = (Vec::new(), 0, 0, BEFORE);
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
        chunks += 1;
        if chunks % 10 == 5 && rotations < 3 {
            rotations += 1;
            rotate(&server, rotations).await?;
            run_numbered(&server, written..written + 50).await?;
            written += 50;
        }
    }
    let found = numbers(&bytes);
    ensure!(
        found == (0..found.len()).collect::<Vec<_>>(),
        "lost or doubled: {found:?}"
    );
    ensure!(
        rotations == 3 && found.len() == written,
        "{} of {written}",
        found.len()
    );
    let report = read.into_report();
    ensure!(report.unread.is_empty(), "{report:?}");
    ensure!(report.files.len() == 4, "{report:?}");
    Ok(())
}

async fn rotate(server: &MySqlServer, number: usize) -> Result<()> {
    let log = server.slow_log();
    // The higher the number, the older the file.
    for older in (1..number).rev() {
        let from = log.with_extension(format!("log.{older}"));
        std::fs::rename(from, log.with_extension(format!("log.{}", older + 1)))?;
    }
    std::fs::rename(&log, log.with_extension("log.1"))?;
    server.root().await?.query_drop("FLUSH SLOW LOGS").await?;
    Ok(())
}

#[tokio::test]
async fn rotating_the_log_of_mysql_while_it_is_read_loses_and_doubles_nothing() -> Result<()> {
    is_rotated_while_it_is_read(Flavour::Mysql97).await
}

#[tokio::test]
async fn rotating_the_log_of_mariadb_while_it_is_read_loses_and_doubles_nothing() -> Result<()> {
    is_rotated_while_it_is_read(Flavour::Mariadb1011).await
}

/// Seeking rests on it: only by their ends are entries in order.
async fn is_dated_by_the_end_of_a_statement(flavour: Flavour) -> Result<()> {
    let server = logging(flavour).await?;
    let mut conn = server.root().await?;
    conn.query_drop("SELECT SLEEP(4)").await?;
    let ended = wall_clock();
    server.quiet().await?;
    let files = logs_of(&server, 10_000).list(LogKind::Slow).await?.files;
    let log = std::fs::read_to_string(server.slow_log())?;
    // Its start is four seconds before.
    ensure!(near(files[0].covered.last, ended, 2), "{ended}: {log}");
    Ok(())
}

#[tokio::test]
async fn an_entry_of_mysql_is_dated_by_the_end_of_its_statement() -> Result<()> {
    is_dated_by_the_end_of_a_statement(Flavour::Mysql97).await
}

#[tokio::test]
async fn an_entry_of_mariadb_is_dated_by_the_end_of_its_statement() -> Result<()> {
    is_dated_by_the_end_of_a_statement(Flavour::Mariadb1011).await
}
