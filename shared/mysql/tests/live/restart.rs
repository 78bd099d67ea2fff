//! A server that goes away and comes back.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use storex_mysql::BreakerState;
use storex_sources::SourceError;
use storex_testkit::{Flavour, MySqlServer, Options};

use crate::relay::Relay;
use crate::support::{ONE, at_port, endpoint, eventually, live, reader, run, start};

#[tokio::test]
async fn the_breaker_opens_while_the_server_is_gone_and_closes_when_it_is_back() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        let port = server.port();
        let live = live(endpoint(&server));
        reader(&live).read(&ONE, &[]).await.unwrap();
        server.stop().await.unwrap();

        let mut errors = Vec::new();
        for _ in 0..5 {
            errors.push(reader(&live).read(&ONE, &[]).await.unwrap_err());
        }
        assert!(
            matches!(errors[0], SourceError::Unreachable { .. }),
            "{errors:?}"
        );
        assert!(
            matches!(errors[4], SourceError::CircuitOpen { .. }),
            "{errors:?}"
        );

        let options = Options {
            extra_args: vec![format!("--port={port}")],
            ..Options::default()
        };
        let _server = start(flavour, options).await;
        eventually("the instance answers again", async || {
            reader(&live).read(&ONE, &[]).await.is_ok()
        })
        .await;
        assert_eq!(live.health().breaker, BreakerState::Closed);
        assert_eq!(live.health().last_error, None);
    }
}

#[tokio::test]
async fn an_idle_connection_the_server_closed_is_replaced_without_the_caller_noticing() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, &["CREATE USER reader@'127.0.0.1'"]).await;
        let mut entry = endpoint(&server);
        entry.user = "reader".into();
        let live = live(entry);
        reader(&live).read(&ONE, &[]).await.unwrap();
        close_all(&server).await;
        reader(&live).read(&ONE, &[]).await.unwrap();
        assert_eq!(live.health().last_error, None);

        // Within a call it is said: the call's session is gone.
        let reader = reader(&live);
        reader.read(&ONE, &[]).await.unwrap();
        close_all(&server).await;
        let error = reader.read(&ONE, &[]).await.unwrap_err();
        assert!(
            matches!(error, SourceError::Unreachable { .. }),
            "{error:?}"
        );
        reader.read(&ONE, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn one_connection_is_held_whatever_happens_to_it_and_no_more() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, &["CREATE USER reader@'127.0.0.1'"]).await;
        let mut entry = endpoint(&server);
        entry.user = "reader".into();
        let settings = storex_mysql::Settings {
            look_after_every: Duration::from_millis(50),
            close_idle_after: Duration::from_millis(100),
            ping_after: Duration::from_millis(50),
            ..storex_mysql::Settings::default()
        };
        let live = storex_mysql::LiveMySql::new("test", entry, settings);
        let (first, second) = (reader(&live), reader(&live));
        first.read(&ONE, &[]).await.unwrap();
        second.read(&ONE, &[]).await.unwrap();
        drop((first, second));
        assert_eq!(live.health().open, 2);
        eventually("the surplus is closed", async || {
            ids(&server).await.len() == 1
        })
        .await;
        assert_eq!(live.health().open, 1);

        let before = ids(&server).await;
        close_all(&server).await;
        eventually("another is held", async || {
            let now = ids(&server).await;
            now.len() == 1 && now != before
        })
        .await;

        drop(live);
        eventually("none is held", async || ids(&server).await.is_empty()).await;
    }
}

/// The connections of `reader`.
async fn ids(server: &MySqlServer) -> Vec<u64> {
    let mut root = server.root().await.unwrap();
    let sql = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'reader'";
    let ids = root.query(sql).await.unwrap();
    root.disconnect().await.unwrap();
    ids
}

async fn close_all(server: &MySqlServer) {
    let ids = ids(server).await;
    assert!(!ids.is_empty());
    let mut root = server.root().await.unwrap();
    for id in ids {
        root.query_drop(format!("KILL {id}")).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn a_silent_network_costs_a_ping_not_a_call() {
    let server = start(Flavour::Mariadb1011, Options::default()).await;
    let relay = Relay::to(server.port()).await;
    let settings = storex_mysql::Settings {
        ping_after: Duration::from_millis(100),
        ..storex_mysql::Settings::default()
    };
    let live = storex_mysql::LiveMySql::new("test", at_port(relay.port), settings);
    reader(&live).read(&ONE, &[]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    relay.hold_back();
    reader(&live).read(&ONE, &[]).await.unwrap();
    assert_eq!(relay.made(), 2);
    assert_eq!(live.health().open, 1);
}
