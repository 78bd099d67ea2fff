//! What happens to a statement nobody waits for any more: it is killed on the server, and its
//! connection returns to the pool if the statement ends soon.
//!
//! A kill goes through an idle connection where there is one, else through a short-lived one
//! beyond the limit; there is one killer at a time per instance. Some statements cannot be killed
//! (`SHOW BINARY LOGS` while the log's disk is full). Closing our end would leave them running on
//! the server unseen, so such a connection keeps counting against the limit until its statement
//! ends, and meanwhile nothing is started that could get stuck in the same way.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use storex_sources::{Probe, SourceError};
use tokio::time::{Instant, timeout};

use crate::pool::{COURTESY, Lease, Pool, close};
use crate::query::{Answer, abandon};
use crate::session::learn;

/// How long one attempt to kill may take.
const KILL_BUDGET: Duration = Duration::from_secs(2);
/// The longest wait between two attempts to kill a statement that does not end.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// What a caller is told whose statement is held back.
const HELD_BACK: &str = "another statement hangs on this server and cannot be killed, as happens \
    when the disk of its binary log is full; SHOW statements are held back until it ends";

/// A statement under way together with the connection it owns.
pub(crate) type Running =
    Pin<Box<dyn Future<Output = (Lease, Result<Answer, Error>)> + Send + 'static>>;

/// Which statement is under way where.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) probe: &'static str,
    pub(crate) connection: u32,
    pub(crate) identity: Arc<str>,
}

/// A statement under way. Dropped before it ended, for whatever reason (time-out, cancellation, a
/// caller that vanished), it is killed.
pub(crate) struct Flight {
    pub(crate) running: Option<Running>,
    pub(crate) target: Target,
    pub(crate) pool: Arc<Pool>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Some(running) = self.running.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(recover(
                Arc::clone(&self.pool),
                running,
                self.target.clone(),
            ));
        }
    }
}

/// Statements that did not end although they were killed.
#[derive(Default)]
pub(crate) struct Stuck(Mutex<Vec<(u32, &'static str, Instant)>>);

impl Stuck {
    /// Statements hanging now.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Whether `probe` must not be started now: it hangs already, or it is a `SHOW`, which no
    /// server-side limit ends, and would take the last of `limit` connections.
    pub(crate) fn hold_back(
        &self,
        probe: &'static Probe,
        sql: &str,
        limit: usize,
    ) -> Option<SourceError> {
        let stuck = self.lock();
        if let Some((.., since)) = stuck.iter().find(|(_, name, _)| *name == probe.name) {
            return Some(SourceError::TimedOut {
                probe: probe.name,
                after: since.elapsed(),
            });
        }
        let is_show = sql
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("show"));
        let last = !stuck.is_empty() && stuck.len() + 1 >= limit;
        (is_show && last).then_some(SourceError::Disabled {
            probe: probe.name,
            remedy: HELD_BACK,
        })
    }

    /// Whether it had not been there before.
    fn enter(&self, target: &Target, since: Instant) -> bool {
        let mut stuck = self.lock();
        let new = !stuck.iter().any(|(id, ..)| *id == target.connection);
        if new {
            stuck.push((target.connection, target.probe, since));
        }
        new
    }

    fn leave(&self, target: &Target) {
        self.lock().retain(|(id, ..)| *id != target.connection);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(u32, &'static str, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How an attempt to kill ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    /// The server was told.
    Sent,
    /// The statement's connection exists no more, or its server does not let us in.
    Pointless,
    /// There was no connection left to send it on.
    NoWay,
}

async fn recover(pool: Arc<Pool>, mut running: Running, target: Target) {
    let since = Instant::now();
    let mut patience = pool.settings.kill_patience;
    let mut soon = true;
    loop {
        // Both are awaited: a connection must not be used again while a kill is on its way to it.
        let (kill, ended) = tokio::join!(kill(&pool, &target), timeout(patience, &mut running));
        if let Ok((lease, result)) = ended {
            pool.stuck.leave(&target);
            settle(&pool, lease, result, soon).await;
            return;
        }
        if kill == Kill::Pointless {
            pool.stuck.leave(&target);
            return;
        }
        if pool.stuck.enter(&target, since) {
            tracing::warn!(
                instance = %pool.name, probe = target.probe,
                "statement does not end although it was killed; its connection is set aside"
            );
        }
        soon = false;
        patience = (patience * 2).min(LONGEST_WAIT);
    }
}

/// A statement that ended soon leaves a good connection behind.
async fn settle(pool: &Pool, mut lease: Lease, result: Result<Answer, Error>, soon: bool) {
    let reusable = match result {
        Ok(answer) => answer.reusable,
        Err(error) => !error.is_fatal(),
    };
    // A kill that came too late hits the next statement: let that be a ping.
    if reusable && soon {
        if lease.session.answers(COURTESY).await {
            pool.give_back(lease);
        }
    } else if reusable {
        close(lease);
    } else {
        abandon(lease.session.conn);
    }
}

async fn kill(pool: &Pool, target: &Target) -> Kill {
    if let Some(mut spare) = pool.spare(&target.identity) {
        let sent = send(&mut spare.session.conn, target).await;
        if sent.is_some() {
            pool.give_back(spare);
        }
        return sent.unwrap_or(Kill::NoWay);
    }
    let Ok(_one) = timeout(KILL_BUDGET, pool.killer.lock()).await else {
        return Kill::NoWay;
    };
    let mut conn = match pool.connector.bare(KILL_BUDGET).await {
        Ok(conn) => conn,
        Err(SourceError::TooManyConnections) => return Kill::NoWay,
        Err(_) => return Kill::Pointless,
    };
    let sent = timeout(KILL_BUDGET, async {
        // After a failover the number may be someone else's.
        match learn(&mut conn).await {
            Ok(facts) if *facts.identity == *target.identity => send(&mut conn, target).await,
            Ok(_) => Some(Kill::Pointless),
            Err(_) => None,
        }
    });
    let sent = sent.await.ok().flatten().unwrap_or(Kill::NoWay);
    let _ = timeout(KILL_BUDGET, conn.disconnect()).await;
    sent
}

/// `None` where the connection it was sent on is not good any more.
async fn send(conn: &mut Conn, target: &Target) -> Option<Kill> {
    let sql = format!("KILL QUERY {}", target.connection);
    match timeout(KILL_BUDGET, conn.query_drop(sql)).await.ok()? {
        Ok(()) => Some(Kill::Sent),
        // ER_NO_SUCH_THREAD
        Err(Error::Server(error)) if error.code == 1094 => Some(Kill::Pointless),
        Err(Error::Server(_)) => Some(Kill::NoWay),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use storex_sources::Needs;

    use super::*;

    const fn probe(name: &'static str) -> Probe {
        Probe {
            name,
            statements: &[],
            row_limit: 1,
            timeout: Duration::from_secs(5),
            needs: Needs::NOTHING,
        }
    }

    static LOGS: Probe = probe("binary_logs");
    static STATUS: Probe = probe("binary_log_status");

    #[tokio::test(start_paused = true)]
    async fn a_hanging_statement_is_not_started_again_and_no_show_takes_the_last_connection() {
        let stuck = Stuck::default();
        assert!(stuck.hold_back(&LOGS, "SHOW BINARY LOGS", 2).is_none());
        let target = Target {
            probe: LOGS.name,
            connection: 7,
            identity: "a".into(),
        };
        assert!(stuck.enter(&target, Instant::now()));
        assert!(!stuck.enter(&target, Instant::now()));
        assert_eq!(stuck.count(), 1);
        assert!(matches!(
            stuck.hold_back(&LOGS, "SHOW BINARY LOGS", 2),
            Some(SourceError::TimedOut { .. })
        ));
        let held = stuck
            .hold_back(&STATUS, "show binary log status", 2)
            .unwrap();
        assert!(held.remedy().contains("disk"), "{held}");
        assert!(
            stuck
                .hold_back(&STATUS, "SHOW BINARY LOG STATUS", 3)
                .is_none()
        );
        assert!(stuck.hold_back(&STATUS, "SELECT 1", 2).is_none());
        stuck.leave(&target);
        assert!(stuck.hold_back(&LOGS, "SHOW BINARY LOGS", 2).is_none());
    }
}
