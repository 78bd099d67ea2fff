//! What a call may take from a server, and what is left of it there when the call is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use storex_sources::{MySqlSource, SourceError, Value};
use storex_testkit::{Flavour, Options};

use crate::support::{
    CONNECTION, ONE, SLOW, call, endpoint, eventually, live, probe, reader, run, running, start,
};

probe!(SHORT, "SELECT SLEEP(20)", 10, 300);
probe!(
    BUSY,
    "SELECT COUNT(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, \
     information_schema.COLUMNS c, information_schema.COLUMNS d",
    10,
    1_500
);
// Its own time-out raises no limit.
probe!(QUICK, "SELECT CONNECTION_ID() AS id", 10, 500);
probe!(FIVE, "SELECT * FROM lab.five", 5, 5_000);
probe!(FOUR, "SELECT * FROM lab.five", 4, 5_000);
probe!(
    HUGE,
    "SELECT REPEAT('x', 1000000) FROM lab.five a, lab.five b, lab.five c",
    1000,
    9_000
);
probe!(LONG, "SELECT REPEAT('é', 600000)", 10, 5_000);
probe!(WRITE, "CREATE TABLE lab.forbidden (a INT)", 10, 5_000);
probe!(UPDATE, "UPDATE lab.five SET a = a + 1", 10, 5_000);
probe!(ADD, "SELECT ? AS one, ? AS three, ? AS word", 10, 5_000);

const TABLE: &[&str] = &[
    "CREATE DATABASE lab",
    "CREATE TABLE lab.five (a INT)",
    "INSERT INTO lab.five VALUES (1), (2), (3), (4), (5)",
];

#[tokio::test]
async fn what_a_call_no_longer_waits_for_is_killed_on_the_server() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        let live = live(endpoint(&server));

        let limits = call(20);
        let cancel = limits.cancel.clone();
        let reader_of_call = live.open(limits);
        let read = reader_of_call.read(&SLOW, &[]);
        let cancelling = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(running(&server).await.len(), 1);
            cancel.cancel();
        };
        let (result, ()) = tokio::join!(read, cancelling);
        let error = result.unwrap_err();
        assert!(matches!(error, SourceError::Cancelled { .. }), "{error:?}");
        gone(&server, "after a cancellation").await;

        let start = Instant::now();
        let error = reader(&live).read(&SHORT, &[]).await.unwrap_err();
        assert!(matches!(error, SourceError::TimedOut { .. }), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(5));
        gone(&server, "after a time-out").await;

        let mut limits = call(20);
        limits.deadline = Instant::now() + Duration::from_millis(300);
        let error = live.open(limits).read(&SLOW, &[]).await.unwrap_err();
        assert!(matches!(error, SourceError::Cancelled { .. }), "{error:?}");
        gone(&server, "after the deadline").await;

        // A caller that just goes away.
        let abandoned = reader(&live);
        let read = tokio::time::timeout(Duration::from_millis(300), abandoned.read(&SLOW, &[]));
        assert!(read.await.is_err());
        gone(&server, "after its caller vanished").await;

        eventually("all connections are free again", async || {
            live.health().in_use == 0
        })
        .await;
        assert_eq!(live.health().stuck, 0);
        reader(&live).read(&ONE, &[]).await.unwrap();
    }
}

async fn gone(server: &storex_testkit::MySqlServer, when: &str) {
    eventually(when, async || running(server).await.is_empty()).await;
}

#[tokio::test]
async fn the_server_itself_ends_a_statement_that_takes_too_long() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        let settings = storex_mysql::Settings {
            statement_limit: Duration::from_millis(500),
            ..storex_mysql::Settings::default()
        };
        let live = storex_mysql::LiveMySql::new("test", endpoint(&server), settings);
        let reader = reader(&live);
        let session = reader.read(&QUICK, &[]).await.unwrap().rows;
        // The session's limit is below the probe's own and is raised to it.
        let start = Instant::now();
        let error = reader.read(&BUSY, &[]).await.unwrap_err();
        assert!(matches!(error, SourceError::TimedOut { .. }), "{error:?}");
        let took = start.elapsed();
        assert!(took > Duration::from_millis(1_400), "{took:?}");
        // Had we killed it, the call would have lost its session.
        let after = reader.read(&QUICK, &[]).await.unwrap().rows;
        assert_eq!(after, session);
    }
}

#[tokio::test]
async fn fifty_callers_share_two_connections() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, &["CREATE USER reader@'127.0.0.1'"]).await;
        let mut entry = endpoint(&server);
        entry.user = "reader".into();
        let live = live(entry);
        let most = Arc::new(AtomicUsize::new(0));
        let watcher = {
            let most = Arc::clone(&most);
            let mut root = server.root().await.unwrap();
            tokio::spawn(async move {
                loop {
                    let sql = "SELECT COUNT(*) FROM information_schema.PROCESSLIST \
                               WHERE USER = 'reader'";
                    let count: Option<usize> = root.query_first(sql).await.unwrap();
                    most.fetch_max(count.unwrap(), Ordering::Relaxed);
                }
            })
        };
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let live = live.clone();
            callers.spawn(async move {
                for _ in 0..20 {
                    reader(&live).read(&ONE, &[]).await.unwrap();
                }
                live.health().open
            });
        }
        while let Some(open) = callers.join_next().await {
            assert!(open.unwrap() <= 2);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        watcher.abort();
        assert_eq!(most.load(Ordering::Relaxed), 2);
    }
}

#[tokio::test]
async fn one_call_reads_one_session_and_waiting_for_one_ends_with_the_call() {
    let server = start(Flavour::Mariadb1011, Options::default()).await;
    let live = live(endpoint(&server));
    let first = reader(&live);
    let id = first.read(&CONNECTION, &[]).await.unwrap().rows;
    let second = reader(&live);
    let other = second.read(&CONNECTION, &[]).await.unwrap().rows;
    assert_ne!(id, other);
    // Side by side, too.
    let (a, b) = tokio::join!(first.read(&CONNECTION, &[]), first.read(&CONNECTION, &[]));
    assert_eq!((a.unwrap().rows, b.unwrap().rows), (id.clone(), id.clone()));

    let mut hurried = call(20);
    hurried.deadline = Instant::now() + Duration::from_millis(200);
    let error = live.open(hurried).read(&ONE, &[]).await.unwrap_err();
    assert!(matches!(error, SourceError::Busy { limit: 2 }), "{error:?}");
    drop(first);
    assert_eq!(reader(&live).read(&CONNECTION, &[]).await.unwrap().rows, id);
}

#[tokio::test]
async fn rows_and_bytes_are_capped_and_the_cut_is_told() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, TABLE).await;
        let live = live(endpoint(&server));
        let reader = reader(&live);
        let five = reader.read(&FIVE, &[]).await.unwrap();
        assert_eq!((five.rows.len(), five.truncated), (5, false));
        let four = reader.read(&FOUR, &[]).await.unwrap();
        assert_eq!((four.rows.len(), four.truncated), (4, true));

        let long = reader.read(&LONG, &[]).await.unwrap();
        assert!(long.truncated);
        let Value::Text(text) = &long.rows[0][0] else {
            panic!("{:?}", long.columns);
        };
        assert_eq!(text.len(), 1 << 20);

        let huge = reader.read(&HUGE, &[]).await.unwrap();
        assert!(huge.truncated);
        assert!(huge.rows.len() < 35, "{}", huge.rows.len());
        reader.read(&ONE, &[]).await.unwrap();
        gone(&server, "after too many bytes").await;
    }
}

#[tokio::test]
async fn a_session_refuses_to_write() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, TABLE).await;
        let live = live(endpoint(&server));
        for write in [&WRITE, &UPDATE] {
            let error = reader(&live).read(write, &[]).await.unwrap_err();
            // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
            assert!(
                matches!(error, SourceError::Query { code: 1792, .. }),
                "{error:?}"
            );
        }
    }
}

#[tokio::test]
async fn parameters_are_bound_and_never_become_text() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        let live = live(endpoint(&server));
        let reader = reader(&live);
        for _ in 0..2 {
            let params = [Value::UInt(1), Value::Int(-3), "' OR 1=1; -- :name".into()];
            let rows = reader.read(&ADD, &params).await.unwrap();
            assert_eq!(rows.columns, ["one", "three", "word"]);
            assert_eq!(rows.rows, [params]);
        }
        let error = reader.read(&ADD, &[Value::UInt(1)]).await.unwrap_err();
        assert!(matches!(error, SourceError::Query { .. }), "{error:?}");
        reader.read(&ONE, &[]).await.unwrap();
    }
}
