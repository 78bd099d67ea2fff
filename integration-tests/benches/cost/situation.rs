//! A server at rest, at work, and large.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::future::try_join_all;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use storex_testkit::accounts::{self, App};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};
use tokio::time::sleep;

const CONNECTIONS: usize = 1_000;
/// Of those, how many have a transaction open that has locked a row.
const IN_TRANSACTION: usize = 100;
const DIGESTS: usize = 10_000;
const TABLES: usize = 2_000;
/// As many tables and digests are made at once.
const MAKERS: usize = 8;
/// What sessions did before this is of no interest to any tool.
const AT_REST: Duration = Duration::from_secs(20);

/// What the server does meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
    /// Nothing.
    Idle,
    /// A working day.
    Traffic,
    /// The same with a thousand connections, two thousand tables and ten thousand statement digests.
    Large,
}

/// A server in a situation.
pub(crate) struct Scene {
    pub(crate) server: MySqlServer,
    traffic: Option<Traffic>,
    connections: Vec<Conn>,
}

impl Situation {
    pub(crate) const ALL: [Self; 3] = [Self::Idle, Self::Traffic, Self::Large];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Traffic => "traffic",
            Self::Large => "large",
        }
    }

    pub(crate) async fn set(self, flavour: Flavour) -> Result<Scene> {
        let large = self == Self::Large;
        let mut options = Options {
            performance_schema: PerformanceSchema::Full,
            ..Options::default()
        };
        if large {
            options.max_connections = Some(1_200);
            options.extra_args = vec![
                format!("--performance-schema-digests-size={DIGESTS}"),
                "--table-open-cache=4000".to_owned(),
                "--open-files-limit=10000".to_owned(),
            ];
        }
        let server = MySqlServer::start(flavour, options).await?;
        accounts::create_shop(&server).await?;
        let mut connections = Vec::new();
        if large {
            for number in 0..CONNECTIONS {
                connections.push(connect(&server, number).await?);
            }
            try_join_all((0..MAKERS).map(|maker| make(&server, maker))).await?;
            sleep(AT_REST).await;
        }
        let traffic = match self {
            Self::Idle => None,
            Self::Traffic | Self::Large => Some(Traffic::start(&server, &HEALTHY).await?),
        };
        Ok(Scene {
            server,
            traffic,
            connections,
        })
    }
}

impl Scene {
    pub(crate) async fn strike(self) -> Result<()> {
        if let Some(traffic) = self.traffic {
            traffic.stop().await;
        }
        drop(self.connections);
        self.server.stop().await
    }
}

/// One maker's share of tables and digests.
async fn make(server: &MySqlServer, maker: usize) -> Result<()> {
    let mut root = server.root().await?;
    root.query_drop("CREATE DATABASE IF NOT EXISTS many")
        .await?;
    for number in (maker..TABLES).step_by(MAKERS) {
        root.query_drop(format!(
            "CREATE TABLE many.t{number} (id INT PRIMARY KEY, a INT, b VARCHAR(40), KEY (a), KEY (b))"
        ))
        .await?;
    }
    for number in (maker..DIGESTS).step_by(MAKERS) {
        root.query_drop(format!("SELECT 1 AS c{number}")).await?;
    }
    Ok(root.disconnect().await?)
}

/// An idle connection; some hold a transaction open.
async fn connect(server: &MySqlServer, number: usize) -> Result<Conn> {
    let mut conn = App::Mobile
        .connect(server)
        .await
        .with_context(|| format!("connection {number}"))?;
    if number < IN_TRANSACTION {
        conn.query_drop("START TRANSACTION").await?;
        let account = 1 + number;
        conn.query_drop(format!(
            "UPDATE accounts SET version = version + 1 WHERE id = {account}"
        ))
        .await?;
    }
    Ok(conn)
}
