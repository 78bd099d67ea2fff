//! When the server has no connection left.

use mysql_async::{Conn, OptsBuilder};
use storex_fleet::MySqlEndpoint;
use storex_sources::{MySqlSource, SourceError};
use storex_testkit::{Flavour, MySqlServer, Options};

use tokio::net::TcpListener;

use crate::support::{ONE, at_port, call, endpoint, live, reader, run, start};

/// A server on which `reader` and applications share ten connections.
async fn small(flavour: Flavour) -> (MySqlServer, MySqlEndpoint) {
    let options = Options {
        max_connections: Some(10),
        ..Options::default()
    };
    let server = start(flavour, options).await;
    run(
        &server,
        &[
            "CREATE USER app@'127.0.0.1'",
            "CREATE USER reader@'127.0.0.1'",
        ],
    )
    .await;
    let mut entry = endpoint(&server);
    entry.user = "reader".into();
    (server, entry)
}

/// Takes all connections there are.
async fn take_all(server: &MySqlServer) -> Vec<Conn> {
    let mut taken = Vec::new();
    loop {
        let opts = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(server.port())
            .prefer_socket(false)
            .user(Some("app"));
        match Conn::new(opts).await {
            Ok(conn) => taken.push(conn),
            Err(_) => return taken,
        }
        assert!(taken.len() < 20);
    }
}

#[tokio::test]
async fn the_connection_held_still_answers_every_caller() {
    for flavour in Flavour::ALL {
        let (server, entry) = small(flavour).await;
        let held = live(entry.clone());
        held.warm().await.unwrap();
        let late = live(entry);
        let taken = take_all(&server).await;

        let error = reader(&late).read(&ONE, &[]).await.unwrap_err();
        assert!(
            matches!(error, SourceError::TooManyConnections),
            "{error:?}"
        );
        // Many at once: there is one connection, and everyone gets a turn.
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let held = held.clone();
            callers.spawn(async move { reader(&held).read(&ONE, &[]).await.map(|_| ()) });
        }
        while let Some(read) = callers.join_next().await {
            read.unwrap().unwrap();
        }
        assert_eq!(held.health().open, 1);

        drop(taken);
        crate::support::eventually("connections are free again", async || {
            late.open(call(5)).read(&ONE, &[]).await.is_ok()
        })
        .await;
    }
}

#[tokio::test]
async fn a_main_port_that_says_nothing_is_gone_round() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        // A thread pool with no thread left takes the connection and says nothing.
        let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut entry = at_port(silent.local_addr().unwrap().port());
        entry.admin_port = Some(server.admin_port());
        let live = live(entry);
        let reader = reader(&live);
        reader.read(&ONE, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn a_newcomer_comes_in_through_the_admin_port_and_leaves_it_again() {
    for flavour in Flavour::ALL {
        let (server, mut entry) = small(flavour).await;
        // MySQL lets an account with this in as the one above `max_connections`, too.
        let lets_one_more_in = flavour == Flavour::Mysql97;
        if lets_one_more_in {
            let grant = "GRANT SERVICE_CONNECTION_ADMIN ON *.* TO reader@'127.0.0.1'";
            run(&server, &[grant]).await;
        }
        entry.admin_port = Some(server.admin_port());
        let taken = take_all(&server).await;
        let live = live(entry);
        let reader = reader(&live);
        reader.read(&ONE, &[]).await.unwrap();
        let checkup = live.check(&[&ONE], &call(5)).await.unwrap();
        assert!(checkup.admin_port);
        drop(reader);
        crate::support::eventually("the admin port is free again", async || {
            live.health().in_use == 0 && live.health().open <= usize::from(lets_one_more_in)
        })
        .await;
        drop(taken);
    }
}
