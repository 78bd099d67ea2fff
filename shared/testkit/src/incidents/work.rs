//! Clients that work for as long as an incident lasts, and what the incident changed on the server.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tempfile::TempPath;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::MySqlServer;
use crate::accounts::App;

const END_LIMIT: Duration = Duration::from_secs(90);
/// A client that was refused tries again as fast as a pool without back-off does.
const RETRY: Duration = Duration::from_millis(50);
/// MySQL ignores a new size of the buffer pool, with a warning, while it is at work on the last one.
const RESIZES: u32 = 60;
const RESIZING: Duration = Duration::from_millis(500);
const NO_SUCH_THREAD: u16 = 1094;

/// The clients, and what the end has to put back.
#[derive(Default)]
pub(super) struct Work {
    stop: watch::Sender<bool>,
    clients: JoinSet<()>,
    undo: Option<(Conn, Vec<String>)>,
    filler: Option<TempPath>,
}

impl Work {
    /// Connects a client that runs one statement after the other as fast as the server answers.
    /// Returns the connection id.
    pub(super) async fn repeat(
        &mut self,
        server: &MySqlServer,
        app: App,
        statement: impl Fn(u64) -> String + Send + 'static,
    ) -> Result<u32> {
        let conn = app.connect(server).await?;
        Ok(self.go_on(conn, statement))
    }

    /// The same after a statement that prepares the session.
    pub(super) async fn repeat_after(
        &mut self,
        server: &MySqlServer,
        app: App,
        first: &str,
        statement: fn(u64) -> String,
    ) -> Result<u32> {
        let mut conn = app.connect(server).await?;
        conn.query_drop(first).await?;
        Ok(self.go_on(conn, statement))
    }

    fn go_on(&mut self, mut conn: Conn, statement: impl Fn(u64) -> String + Send + 'static) -> u32 {
        let id = conn.id();
        let stopped = self.stop.subscribe();
        self.clients.spawn(async move {
            let mut number = 0;
            while !*stopped.borrow() {
                number += 1;
                // A statement may fail where the incident makes it fail.
                if conn.query_drop(statement(number)).await.is_err() {
                    sleep(RETRY).await;
                }
            }
            let _ = conn.disconnect().await;
        });
        id
    }

    /// The same with a pause after each statement.
    pub(super) async fn repeat_every(
        &mut self,
        server: &MySqlServer,
        app: App,
        pause: Duration,
        statement: fn(u64) -> String,
    ) -> Result<u32> {
        let mut conn = app.connect(server).await?;
        let id = conn.id();
        self.run(|stopped| async move {
            for number in 0.. {
                if *stopped.borrow() || conn.query_drop(statement(number)).await.is_err() {
                    break;
                }
                sleep(pause).await;
            }
            let _ = conn.disconnect().await;
        });
        Ok(id)
    }

    /// Adds a client that goes on until the signal turns true.
    pub(super) fn run<F>(&mut self, client: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.clients.spawn(client(self.stop.subscribe()));
    }

    /// Adds a client that connects again and again, whether it is let in or not.
    pub(super) fn knock(&mut self, server: &MySqlServer, app: App) {
        let options = app.options(server.host(), server.port());
        let stopped = self.stop.subscribe();
        self.clients.spawn(async move {
            while !*stopped.borrow() {
                if let Ok(conn) = crate::servers::open(options.clone()).await {
                    let _ = conn.disconnect().await;
                }
                sleep(RETRY).await;
            }
        });
    }

    /// Has `statements` run as root at the end.
    pub(super) fn undo_at_end(&mut self, root: Conn, statements: Vec<String>) {
        self.undo = Some((root, statements));
    }

    /// Has a file removed at the end that takes the room others need.
    pub(super) fn remove_at_end(&mut self, filler: TempPath) {
        self.filler = Some(filler);
    }

    /// Ends the clients and puts the server back.
    pub(super) async fn end(mut self) -> Result<()> {
        self.stop.send_replace(true);
        if let Some(filler) = self.filler {
            filler.close()?;
        }
        let undone = async {
            if let Some((mut root, statements)) = self.undo {
                for statement in statements {
                    undo(&mut root, &statement).await?;
                }
                root.disconnect().await?;
            }
            anyhow::Ok(())
        };
        undone.await?;
        timeout(END_LIMIT, async {
            while self.clients.join_next().await.is_some() {}
        })
        .await
        .context("clients of the incident do not end")
    }
}

async fn undo(root: &mut Conn, statement: &str) -> Result<()> {
    for _ in 0..RESIZES {
        match root.query_drop(statement).await {
            // Whoever was to be killed has ended by itself.
            Err(mysql_async::Error::Server(error)) if error.code == NO_SUCH_THREAD => return Ok(()),
            result => result?,
        }
        let warning: Option<(String, u16, String)> = root.query_first("SHOW WARNINGS").await?;
        if !warning.is_some_and(|(_, _, message)| message.contains("resize")) {
            return Ok(());
        }
        sleep(RESIZING).await;
    }
    bail!("{statement}: the last resize does not end")
}
