//! Log files of the server, through the management API.

use anyhow::{Result, ensure};
use storex_fleet::Secret;
use storex_sources::{LogError, LogKind, LogRange, WindowRead};
use storex_testkit::azure::{Fault, ServerLog, StandIn};
use tokio_util::sync::CancellationToken;

use super::{AzureLogs, Limits, LogsSource, Settings, TimeZone};
use super::{limits, open, place, read, statements, text, window};
use crate::logs::numbers;

fn slow(name: &str, modified: &str, content: Vec<u8>) -> ServerLog {
    ServerLog {
        name: format!("mysql-slow-{name}.log"),
        kind: "slowlog",
        modified: modified.to_owned(),
        content,
    }
}

/// A server with so many slow logs of a hundred statements each, and an error log after each.
async fn server(files: usize, page: usize) -> Result<StandIn> {
    let azure = StandIn::start(page).await?;
    for file in 0..files {
        let from = format!("2026-11-{:02}T06:00:00Z", file + 1);
        let content = text(&statements(&from, 60, file * 100..(file + 1) * 100));
        let modified = format!("2026-11-{:02}T07:40:00+00:00", file + 1);
        azure.add(slow(&format!("{file:02}"), &modified, content));
        azure.add(ServerLog {
            name: format!("mysql-error-{file:02}.log"),
            kind: "errorlog",
            content: format!(
                "2026-11-{:02}T06:00:00.000000Z 0 [Note] it began\n",
                file + 1
            )
            .into(),
            modified,
        });
    }
    Ok(azure)
}

#[tokio::test]
async fn files_are_listed_over_several_pages_and_read_whole() -> Result<()> {
    let azure = server(7, 3).await?;
    let logs = open(place(&azure, None));
    let listing = logs.list(LogKind::Slow).await?;
    ensure!(
        listing.files.len() == 7 && listing.left_out.is_empty(),
        "{listing:?}"
    );
    ensure!(azure.take_lists_served() == 5, "14 files, three to a page");
    let first = listing.files[0].covered.first.map(|at| at.to_string());
    ensure!(
        first.as_deref() == Some("2026-11-01T06:00:00Z"),
        "{first:?}"
    );
    let (bytes, report) = read(logs.as_ref(), None, u64::MAX).await?;
    ensure!(numbers(&bytes) == (0..700).collect::<Vec<_>>());
    ensure!(
        report.unread.is_empty() && report.files.len() == 7,
        "{report:?}"
    );
    let errors = logs.list(LogKind::Error).await?;
    ensure!(errors.files.len() == 7, "{errors:?}");
    Ok(())
}

#[tokio::test]
async fn an_hour_of_a_day_is_read_without_the_day() -> Result<()> {
    let azure = StandIn::start(10).await?;
    let day = text(&statements("2026-11-22T00:00:00Z", 3, 0..28_800));
    let size = day.len() as u64;
    azure.add(slow("day", "2026-11-23T00:00:00+00:00", day));
    azure.add(slow(
        "old",
        "2026-11-21T00:00:00+00:00",
        vec![b'x'; 1 << 20],
    ));
    let logs = open(place(&azure, None));
    let hour = window("2026-11-22T11:00:00Z", "2026-11-22T12:00:00Z");
    let (bytes, report) = read(logs.as_ref(), Some(hour), u64::MAX).await?;
    let found = numbers(&bytes);
    let wanted: Vec<usize> = (13_200..14_400).collect();
    ensure!(
        found.windows(1200).any(|part| part == wanted),
        "{}",
        found.len()
    );
    ensure!(
        report.bytes + report.passed_over_bytes == size,
        "{report:?} of {size}"
    );
    let served = azure.take_bytes_served();
    // The hour is a 24th, and each of the two ends is sought in some 64 KiB eight times.
    ensure!(
        served < size / 24 + (3 << 20) && size > 8 << 20,
        "{served} of {size}"
    );
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_rotated_while_it_is_read_is_read_on_and_then_the_new_one() -> Result<()> {
    let azure = server(1, 10).await?;
    let logs = open(place(&azure, None));
    let mut read = WindowRead::open(logs.as_ref(), LogKind::Slow, None, u64::MAX).await?;
    let (mut bytes, mut chunks) = (Vec::new(), 0);
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
        chunks += 1;
        if chunks == 1 {
            azure.change("mysql-slow-00.log", |log| {
                let more = text(&statements("2026-11-01T07:41:00Z", 60, 100..150));
                log.content.extend(more);
            });
            let next = text(&statements("2026-11-02T06:00:00Z", 60, 150..200));
            azure.add(slow("01", "2026-11-02T08:00:00+00:00", next));
        }
    }
    ensure!(
        numbers(&bytes) == (0..200).collect::<Vec<_>>(),
        "{:?}",
        numbers(&bytes)
    );
    ensure!(read.report().unread.is_empty(), "{:?}", read.report());
    Ok(())
}

#[tokio::test]
async fn throttling_and_cuts_neither_lose_nor_double_a_byte() -> Result<()> {
    let azure = server(2, 10).await?;
    azure.fail_lists(&[Fault::Throttle(20), Fault::Cut(100)]);
    let logs = open(place(&azure, None));
    logs.list(LogKind::Slow).await?;
    azure.fail_files(&[
        Fault::Throttle(30),
        Fault::Cut(1_000),
        Fault::Cut(0),
        Fault::Status(500),
        Fault::Throttle(10),
    ]);
    let (bytes, report) = read(logs.as_ref(), None, u64::MAX).await?;
    ensure!(
        numbers(&bytes) == (0..200).collect::<Vec<_>>(),
        "{:?}",
        numbers(&bytes)
    );
    ensure!(
        report.resumed >= 3 && report.unread.is_empty(),
        "{report:?}"
    );
    Ok(())
}

#[tokio::test]
async fn what_the_budget_leaves_and_what_is_refused_is_counted() -> Result<()> {
    let azure = server(2, 10).await?;
    let logs = open(place(&azure, None));
    let size = logs.list(LogKind::Slow).await?.files[0].size_bytes.unwrap();
    let (bytes, report) = read(logs.as_ref(), None, 30_000).await?;
    ensure!(bytes.len() == 30_000, "{}", bytes.len());
    let left: u64 = report.unread.iter().filter_map(|unread| unread.bytes).sum();
    ensure!(left > 0 && left <= 2 * size - 30_000, "{report:?}");
    azure.fail_files(&[Fault::Status(404); 2]);
    let (bytes, report) = read(logs.as_ref(), None, u64::MAX).await?;
    ensure!(
        !numbers(&bytes).is_empty() && report.unread.len() == 1,
        "{report:?}"
    );
    Ok(())
}

#[tokio::test]
async fn an_address_that_is_no_longer_good_is_asked_for_again() -> Result<()> {
    let azure = server(1, 10).await?;
    let logs = open(place(&azure, None));
    let file = logs.list(LogKind::Slow).await?.files.remove(0);
    azure.expire_signatures();
    let range = LogRange {
        window: Some(window("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")),
        ..LogRange::whole(u64::MAX)
    };
    let mut stream = logs.read(&file, &range).await?;
    ensure!(stream.next().await?.is_some(), "nothing came");
    Ok(())
}

/// What an error says to anybody.
fn told(error: &LogError) -> String {
    format!(
        "{error} {error:?} {} {:?}",
        error.remedy(),
        error.internal_detail()
    )
}

#[tokio::test]
async fn who_may_not_read_is_told_what_to_permit_and_no_secret() -> Result<()> {
    let azure = server(1, 10).await?;
    azure.fail_lists(&[Fault::Status(403)]);
    let denied = open(place(&azure, None))
        .list(LogKind::Slow)
        .await
        .unwrap_err();
    ensure!(
        denied.remedy().contains("the role Reader on the server"),
        "{denied:?}"
    );

    let mut wrong = place(&azure, None);
    if let Some(principal) = &mut wrong.principal {
        principal.secret = Secret::Inline("an0ther".to_owned());
    }
    let unknown = open(wrong).list(LogKind::Slow).await.unwrap_err();
    ensure!(
        unknown.remedy().contains("sign storex in to Azure"),
        "{unknown:?}"
    );

    let logs = open(place(&azure, None));
    logs.list(LogKind::Slow).await?;
    azure.fail_files(&[Fault::Status(403); 3]);
    let file = logs.list(LogKind::Slow).await?.files.remove(0);
    azure.fail_files(&[Fault::Status(403); 3]);
    let range = LogRange {
        window: Some(window("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")),
        ..LogRange::whole(u64::MAX)
    };
    let refused = logs.read(&file, &range).await.err().expect("it is refused");
    ensure!(
        refused
            .remedy()
            .contains("storage of the server's log files"),
        "{refused:?}"
    );
    for error in [denied, unknown, refused] {
        let told = told(&error);
        ensure!(
            !told.contains("s3cret") && !told.contains("an0ther"),
            "{told}"
        );
        ensure!(!told.contains("127.0.0.1"), "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_without_the_logs_and_one_that_is_not_there_are_told_apart_from_an_unreachable_one()
-> Result<()> {
    let azure = StandIn::start(10).await?;
    let empty = open(place(&azure, None))
        .list(LogKind::Slow)
        .await
        .unwrap_err();
    ensure!(matches!(empty, LogError::NotFound { .. }), "{empty:?}");
    let mut other = place(&azure, None);
    other.server = "nobody".to_owned();
    let missing = open(other).list(LogKind::Error).await.unwrap_err();
    ensure!(matches!(missing, LogError::NotFound { .. }), "{missing:?}");
    let mut elsewhere = place(&azure, None);
    elsewhere.endpoint = "https://127.0.0.1:1".to_owned();
    let unreachable = open(elsewhere).list(LogKind::Slow).await.unwrap_err();
    ensure!(
        matches!(unreachable, LogError::Unreachable { .. }),
        "{unreachable:?}"
    );
    let mut untrusted = place(&azure, None);
    untrusted.tls_ca = Some(azure.tls().other_ca.clone());
    let refused = open(untrusted).list(LogKind::Slow).await.unwrap_err();
    ensure!(!told(&refused).contains("127.0.0.1"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_stopped_call_asks_nothing_more() -> Result<()> {
    let azure = server(1, 10).await?;
    let cancel = CancellationToken::new();
    let source = AzureLogs::new(place(&azure, None), TimeZone::UTC, Settings::default());
    let logs = source.open(Limits {
        cancel: cancel.clone(),
        ..limits()
    });
    let file = logs.list(LogKind::Slow).await?.files.remove(0);
    let mut stream = logs.read(&file, &LogRange::whole(u64::MAX)).await?;
    cancel.cancel();
    ensure!(matches!(stream.next().await, Err(LogError::Cancelled)));
    ensure!(matches!(
        logs.list(LogKind::Slow).await,
        Err(LogError::Cancelled)
    ));
    Ok(())
}
