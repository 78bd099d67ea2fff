//! Of a large table the latest part is read, and what was not read is told.

use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use mysql_async::prelude::Queryable;
use storex_sources::{LogKind, UnreadWhy, Window, WindowRead, wall_clock};
use storex_testkit::{Flavour, MySqlServer};

use super::{digest, log_no_more, logging_to, logs_of, read};
use crate::logs::{numbers, run_numbered};

/// Has the table hold statements of other minutes: a copy of it with them takes its place.
async fn log_of_an_hour(server: &MySqlServer) -> Result<Timestamp> {
    let mut root = server.root().await?;
    for statement in [
        "SET GLOBAL slow_query_log = OFF",
        "CREATE TABLE mysql.slow_log_next LIKE mysql.slow_log",
    ] {
        root.query_drop(statement).await?;
    }
    let now = wall_clock();
    for minute in (1..=60).rev() {
        let at = now - SignedDuration::from_mins(minute);
        let at = (at + SignedDuration::from_mins(330)).strftime("%Y-%m-%d %H:%M:%S");
        let affected = if server.flavour().is_mariadb() {
            ", 0"
        } else {
            ""
        };
        let row = format!(
            "('{at}', 'app[app] @ shop [10.0.0.7]', '00:00:00.25', '00:00:00', 1, 2, 'shop', 0, 0, 1, \
             CONCAT('SELECT 1 /* number ', {minute}, '. */ -- ', REPEAT('x', 1000)), 7{affected})"
        );
        let rows = vec![row; 10].join(", ");
        root.query_drop(format!("INSERT INTO mysql.slow_log_next VALUES {rows}"))
            .await?;
    }
    for statement in [
        "RENAME TABLE mysql.slow_log TO mysql.slow_log_old, mysql.slow_log_next TO mysql.slow_log",
        "SET GLOBAL slow_query_log = ON",
    ] {
        root.query_drop(statement).await?;
    }
    root.disconnect().await?;
    Ok(now)
}

async fn of_too_much_the_latest_is_read(flavour: Flavour) -> Result<()> {
    let server = logging_to(flavour, "TABLE").await?;
    let now = log_of_an_hour(&server).await?;
    log_no_more(&server).await?;
    let window = Window {
        from: now - SignedDuration::from_mins(50),
        to: now - SignedDuration::from_mins(5),
    };
    let budget = 150_000;
    let (bytes, report) = read(logs_of(&server).as_ref(), Some(window), budget).await?;
    let mut found = numbers(&bytes);
    found.dedup();
    let last = found.last().copied().unwrap_or_default();
    ensure!((5..=7).contains(&last), "{found:?}");
    ensure!(
        found.windows(2).all(|two| two[0] == two[1] + 1),
        "oldest first: {found:?}"
    );
    // Ten statements a minute, each of about 1,250 bytes.
    ensure!((8..=12).contains(&found.len()), "{found:?}");
    ensure!(bytes.len() as u64 <= budget, "{}", bytes.len());
    let unread = &report.unread[..];
    ensure!(
        unread.len() == 1 && unread[0].why == UnreadWhy::Budget,
        "{report:?}"
    );
    let left = unread[0].bytes.unwrap_or_default();
    ensure!((300_000..700_000).contains(&left), "{report:?}");
    server.stop().await
}

#[tokio::test]
async fn of_more_than_the_budget_the_latest_minutes_are_read_on_mysql() -> Result<()> {
    of_too_much_the_latest_is_read(Flavour::Mysql97).await
}

#[tokio::test]
async fn of_more_than_the_budget_the_latest_minutes_are_read_on_mariadb() -> Result<()> {
    of_too_much_the_latest_is_read(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn of_a_long_statement_the_beginning_is_read_and_the_rest_told() -> Result<()> {
    for flavour in Flavour::ALL {
        let server = logging_to(flavour, "TABLE").await?;
        let mut root = server.root().await?;
        let long = format!("SELECT '{}'", "y".repeat(100_000));
        root.query_drop(&long).await?;
        root.disconnect().await?;
        log_no_more(&server).await?;
        let (bytes, report) = read(logs_of(&server).as_ref(), None, u64::MAX).await?;
        let digest = digest(&bytes);
        assert_eq!(digest.unread().cut_entries, 0);
        let unread = &report.unread[..];
        ensure!(unread.len() == 1, "{report:?}");
        assert_eq!(unread[0].why, UnreadWhy::LongStatements);
        assert_eq!(unread[0].bytes, Some(long.len() as u64 - 32_768));
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_table_that_is_emptied_while_it_is_read_is_told_and_its_new_statements_read_once()
-> Result<()> {
    let server = logging_to(Flavour::Mysql97, "TABLE").await?;
    run_numbered(&server, 0..20).await?;
    let logs = logs_of(&server);
    let mut read = WindowRead::open(logs.as_ref(), LogKind::Slow, None, u64::MAX).await?;
    let mut root = server.root().await?;
    root.query_drop("TRUNCATE TABLE mysql.slow_log").await?;
    run_numbered(&server, 20..30).await?;
    log_no_more(&server).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
    }
    assert_eq!(numbers(&bytes), (20..30).collect::<Vec<_>>());
    let report = read.into_report();
    ensure!(report.unread.len() == 1, "{report:?}");
    assert_eq!(report.unread[0].why, UnreadWhy::Rotated);
    server.stop().await
}
