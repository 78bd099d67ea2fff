//! The sessions that make up an incident, and their end.

use std::time::Duration;

use anyhow::{Context, Result};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Truth;
use super::work::Work;
use crate::MySqlServer;
use crate::accounts::App;
use crate::traffic::Traffic;

const END_LIMIT: Duration = Duration::from_secs(30);

/// A running incident. It ends with [`Incident::end`], or with this value.
pub struct Incident {
    pub(super) truth: Truth,
    /// Sessions of the culprit: idle, and holding what others want.
    pub(super) holders: Vec<Conn>,
    pub(super) waiters: Waiters,
    /// Work that goes on beside the incident.
    pub(super) traffic: Option<Traffic>,
    /// What its own clients do, and what it changed.
    pub(super) work: Work,
}

impl Incident {
    /// What a diagnosis has to find.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Lets the culprit go and waits until those who waited have ended.
    pub async fn end(self) -> Result<()> {
        if let Some(traffic) = self.traffic {
            traffic.stop().await;
        }
        self.work.end().await?;
        let running = self.waiters.cancel().await?;
        for mut conn in self.holders {
            conn.query_drop("ROLLBACK").await?;
            conn.disconnect().await?;
        }
        Waiters::join(running).await
    }
}

/// Sessions whose statement does not return while the incident lasts.
#[derive(Default)]
pub(super) struct Waiters {
    running: JoinSet<()>,
    /// Ends statements that must not succeed when the culprit lets go.
    to_cancel: Option<(Conn, u32)>,
}

impl Waiters {
    /// Connects a session, runs `statements` in it and leaves the last one waiting. Returns the
    /// connection id.
    pub(super) async fn add(
        &mut self,
        server: &MySqlServer,
        app: App,
        statements: Vec<String>,
    ) -> Result<u32> {
        let mut conn = app.connect(server).await?;
        let id = conn.id();
        self.running.spawn(async move {
            for statement in statements {
                // It may be cancelled, or time out in a long experiment; both end the session.
                if conn.query_drop(statement).await.is_err() {
                    break;
                }
            }
            let _ = conn.query_drop("ROLLBACK").await;
            let _ = conn.disconnect().await;
        });
        Ok(id)
    }

    /// Has a session's statement cancelled before the culprit lets go.
    pub(super) fn cancel_at_end(&mut self, root: Conn, id: u32) {
        self.to_cancel = Some((root, id));
    }

    async fn cancel(self) -> Result<JoinSet<()>> {
        if let Some((mut root, id)) = self.to_cancel {
            root.query_drop(format!("KILL QUERY {id}")).await?;
            root.disconnect().await?;
        }
        Ok(self.running)
    }

    async fn join(mut running: JoinSet<()>) -> Result<()> {
        timeout(END_LIMIT, async {
            while running.join_next().await.is_some() {}
        })
        .await
        .context("sessions still wait although the culprit let go")
    }
}
