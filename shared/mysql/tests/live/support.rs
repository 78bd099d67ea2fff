//! What every test here needs: an instance's endpoint, calls, and a few probes.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use storex_fleet::{Address, MySqlEndpoint, Secret, Tls};
use storex_mysql::{LiveMySql, Settings};
use storex_sources::{Limits, MySql, MySqlSource, Needs, Probe, Statement};
use storex_testkit::{Flavour, MySqlServer, Options};
use tokio_util::sync::CancellationToken;

/// A probe with one text for both flavours.
macro_rules! probe {
    ($name:ident, $sql:literal, $rows:literal, $millis:literal) => {
        pub(crate) static $name: storex_sources::Probe = crate::support::any_probe(
            stringify!($name),
            &[
                storex_sources::Statement::mysql(8, 0, 0, $sql),
                storex_sources::Statement::mariadb(10, 6, 0, $sql),
            ],
            $rows,
            $millis,
        );
    };
}
pub(crate) use probe;

probe!(ONE, "SELECT 1 AS `One`", 10, 5_000);
probe!(SLOW, "SELECT SLEEP(20)", 10, 30_000);
probe!(CONNECTION, "SELECT CONNECTION_ID() AS id", 10, 5_000);

pub(crate) const fn any_probe(
    name: &'static str,
    statements: &'static [Statement],
    row_limit: u32,
    millis: u64,
) -> Probe {
    Probe {
        name,
        statements,
        row_limit,
        timeout: Duration::from_millis(millis),
        needs: Needs::NOTHING,
    }
}

pub(crate) async fn start(flavour: Flavour, options: Options) -> MySqlServer {
    MySqlServer::start(flavour, options).await.unwrap()
}

/// `root` at the server's TCP port, without TLS.
pub(crate) fn endpoint(server: &MySqlServer) -> MySqlEndpoint {
    at_port(server.port())
}

pub(crate) fn at_port(port: u16) -> MySqlEndpoint {
    MySqlEndpoint {
        address: Address::Tcp {
            host: "127.0.0.1".into(),
            port,
        },
        admin_port: None,
        user: "root".into(),
        password: Secret::None,
        tls: Tls::Off,
        tls_ca: None,
        max_connections: 2,
    }
}

pub(crate) fn live(endpoint: MySqlEndpoint) -> LiveMySql {
    LiveMySql::new("test", endpoint, Settings::default())
}

/// A call that may take so many seconds.
pub(crate) fn call(seconds: u64) -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(seconds),
        cancel: CancellationToken::new(),
    }
}

pub(crate) fn reader(live: &LiveMySql) -> Box<dyn MySql> {
    live.open(call(20))
}

/// Runs statements as root over the socket.
pub(crate) async fn run(server: &MySqlServer, statements: &[&str]) {
    let mut root = server.root().await.unwrap();
    for statement in statements {
        root.query_drop(*statement).await.unwrap();
    }
    root.disconnect().await.unwrap();
}

/// What other sessions than the asker run.
pub(crate) async fn running(server: &MySqlServer) -> Vec<String> {
    let mut root = server.root().await.unwrap();
    let rows = root
        .query(
            "SELECT INFO FROM information_schema.PROCESSLIST \
             WHERE INFO IS NOT NULL AND ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'",
        )
        .await
        .unwrap();
    root.disconnect().await.unwrap();
    rows
}

/// Asks until `wanted` holds, for a while.
pub(crate) async fn eventually<F: Future<Output = bool>>(
    what: &str,
    mut wanted: impl FnMut() -> F,
) {
    let end = Instant::now() + Duration::from_secs(10);
    while !wanted().await {
        assert!(Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
