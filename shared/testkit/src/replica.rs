//! A server that replicates from another one, on loopback.
//!
//! The source has to write a binary log from its first statement on ([`Options::binlog`]), so that
//! a replica can be made of a server that was never used. Nothing is copied.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::time::{Instant, sleep};

use crate::{MySqlServer, Options};

/// The account replicas connect with.
pub const USER: &str = "repl";
const PASSWORD: &str = "repl-secret";
const START_LIMIT: Duration = Duration::from_secs(30);
const CATCH_UP_LIMIT_S: u64 = 60;
const POLL: Duration = Duration::from_millis(50);

/// How a replica is set up.
#[derive(Clone, Debug, Default)]
pub struct ReplicaOptions {
    /// What its server is started with. It is read-only and writes a binary log in any case.
    pub server: Options,
    /// Seconds it stays behind on purpose.
    pub delay_s: u32,
    /// Threads that apply in parallel; the server's default when absent.
    pub workers: Option<u32>,
}

/// A running replica. Dropping it kills its server.
pub struct Replica {
    server: MySqlServer,
}

impl Replica {
    /// Starts a server of the source's flavour and makes it a replica: by GTID, with row events.
    pub async fn of(source: &MySqlServer, options: ReplicaOptions) -> Result<Self> {
        let flavour = source.flavour();
        let mut server = options.server;
        server.binlog = true;
        let mut arguments = vec!["--server-id=2".to_owned(), "--read-only=ON".to_owned()];
        if let Some(workers) = options.workers {
            let name = if flavour.is_mariadb() {
                "slave-parallel-threads"
            } else {
                "replica-parallel-workers"
            };
            arguments.push(format!("--{name}={workers}"));
        }
        // What a test asks for comes last, and wins.
        arguments.append(&mut server.extra_args);
        server.extra_args = arguments;
        create_account(source).await?;
        let replica = Self {
            server: MySqlServer::start(flavour, server).await?,
        };
        replica.follow(source, options.delay_s).await?;
        Ok(replica)
    }

    /// Its server.
    pub fn server(&self) -> &MySqlServer {
        &self.server
    }

    /// Waits until it has applied everything the source has committed so far.
    pub async fn catch_up(&self, source: &MySqlServer) -> Result<()> {
        let mariadb = source.flavour().is_mariadb();
        let (position, wait) = if mariadb {
            ("SELECT @@gtid_binlog_pos", "MASTER_GTID_WAIT")
        } else {
            ("SELECT @@gtid_executed", "WAIT_FOR_EXECUTED_GTID_SET")
        };
        let mut root = source.root().await?;
        let position: String = root.query_first(position).await?.unwrap_or_default();
        root.disconnect().await?;
        let mut root = self.server.root().await?;
        let outcome: Option<i64> = root
            .query_first(format!("SELECT {wait}('{position}', {CATCH_UP_LIMIT_S})"))
            .await?;
        root.disconnect().await?;
        ensure!(
            outcome == Some(0),
            "the replica has not applied {position} within {CATCH_UP_LIMIT_S} s"
        );
        Ok(())
    }

    /// Starts its threads, whichever are stopped.
    pub async fn start_threads(&self) -> Result<()> {
        self.run("START REPLICA", "START SLAVE").await
    }

    /// Stops its threads, as an operator does.
    pub async fn stop_threads(&self) -> Result<()> {
        self.run("STOP REPLICA", "STOP SLAVE").await
    }

    /// Stops applying and goes on receiving, as for a backup.
    pub async fn stop_applier(&self) -> Result<()> {
        self.run("STOP REPLICA SQL_THREAD", "STOP SLAVE SQL_THREAD")
            .await
    }

    /// Has it log in with a password the source refuses.
    pub async fn forget_password(&self) -> Result<()> {
        self.stop_threads().await?;
        self.run(
            "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = 'wrong'",
            "CHANGE MASTER TO MASTER_PASSWORD = 'wrong'",
        )
        .await?;
        self.start_threads().await
    }

    /// Shuts its server down cleanly and removes its data.
    pub async fn stop(self) -> Result<()> {
        self.server.stop().await
    }

    async fn run(&self, mysql: &str, mariadb: &str) -> Result<()> {
        let statement = if self.server.flavour().is_mariadb() {
            mariadb
        } else {
            mysql
        };
        let mut root = self.server.root().await?;
        root.query_drop(statement)
            .await
            .with_context(|| format!("the replica refused: {statement}"))?;
        root.disconnect().await?;
        Ok(())
    }

    async fn follow(&self, source: &MySqlServer, delay_s: u32) -> Result<()> {
        let (host, port) = (source.host(), source.port());
        let mysql = format!(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '{host}', SOURCE_PORT = {port}, \
             SOURCE_USER = '{USER}', SOURCE_PASSWORD = '{PASSWORD}', SOURCE_AUTO_POSITION = 1, \
             SOURCE_SSL = 0, \
             GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_DELAY = {delay_s}"
        );
        let mariadb = format!(
            "CHANGE MASTER TO MASTER_HOST = '{host}', MASTER_PORT = {port}, \
             MASTER_USER = '{USER}', MASTER_PASSWORD = '{PASSWORD}', MASTER_USE_GTID = slave_pos, \
             MASTER_CONNECT_RETRY = 1, MASTER_DELAY = {delay_s}"
        );
        self.run(&mysql, &mariadb).await?;
        self.start_threads().await?;
        self.connected().await
    }

    /// Waits until its receiver is connected.
    async fn connected(&self) -> Result<()> {
        let query = if self.server.flavour().is_mariadb() {
            "SELECT COUNT(*) FROM information_schema.processlist \
             WHERE command = 'Slave_IO' AND state = 'Waiting for master to send event'"
        } else {
            "SELECT COUNT(*) FROM information_schema.processlist \
             WHERE state = 'Waiting for source to send event'"
        };
        let mut root = self.server.root().await?;
        let deadline = Instant::now() + START_LIMIT;
        while root.query_first::<u64, _>(query).await?.unwrap_or_default() == 0 {
            ensure!(
                Instant::now() < deadline,
                "the replica does not connect: {}",
                self.server.error_log()?
            );
            sleep(POLL).await;
        }
        root.disconnect().await?;
        Ok(())
    }
}

/// The account is made once; it reaches replicas like everything else.
async fn create_account(source: &MySqlServer) -> Result<()> {
    let mut root: Conn = source.root().await?;
    root.query_drop(format!(
        "CREATE USER IF NOT EXISTS {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"
    ))
    .await?;
    root.query_drop(format!(
        "GRANT REPLICATION SLAVE ON *.* TO {USER}@'127.0.0.1'"
    ))
    .await?;
    root.disconnect().await?;
    Ok(())
}
