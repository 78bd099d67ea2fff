//! One call's reader: one connection from its first read until it is dropped.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use mysql_async::Error;
use storex_sources::{
    EXPLAIN, Explainable, Limits, MySql, Probe, Rows, Server, SourceError, Value, wall_clock,
};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::errors::{explain_error, is_lost, read_error};
use crate::pool::{Lease, Pool};
use crate::query::{Answer, Order, abandon, run};
use crate::recover::{Flight, Running, Target};
use crate::values::parameter;

/// What the server's own limit gets before we kill: it ends a statement more cheaply.
const GRACE: Duration = Duration::from_millis(100);

/// A live [`MySql`].
pub(crate) struct LiveReader {
    pool: Arc<Pool>,
    limits: Limits,
    /// Reads of one call that run side by side take turns.
    lease: Mutex<Option<Lease>>,
}

impl LiveReader {
    pub(crate) fn new(pool: Arc<Pool>, limits: Limits) -> Self {
        Self {
            pool,
            limits,
            lease: Mutex::new(None),
        }
    }

    fn deadline(&self) -> Instant {
        Instant::from_std(self.limits.deadline)
    }

    async fn slot(
        &self,
        probe: &'static str,
    ) -> Result<MutexGuard<'_, Option<Lease>>, SourceError> {
        tokio::time::timeout_at(self.deadline(), self.lease.lock())
            .await
            .map_err(|_| SourceError::Cancelled { probe })
    }

    /// The connection in `slot`, or one newly taken.
    async fn lease(
        &self,
        slot: &mut Option<Lease>,
        probe: &'static str,
    ) -> Result<Lease, SourceError> {
        match slot.take() {
            Some(lease) => Ok(lease),
            None => self.pool.check_out(&self.limits, probe).await,
        }
    }

    /// Runs a statement and waits for it no longer than the probe and the call allow.
    async fn fly(
        &self,
        lease: Lease,
        probe: &'static Probe,
        order: Order,
    ) -> Result<(Lease, Result<Answer, Error>), SourceError> {
        let now = Instant::now();
        let given = now + probe.timeout + GRACE;
        let deadline = self.deadline();
        if self.limits.cancel.is_cancelled() || deadline <= now {
            self.pool.give_back(lease);
            return Err(SourceError::Cancelled { probe: probe.name });
        }
        let mut flight = Flight {
            target: Target {
                probe: probe.name,
                connection: lease.session.conn.id(),
                identity: Arc::clone(&lease.session.identity),
            },
            running: Some(start(lease, probe, order)),
            pool: Arc::clone(&self.pool),
        };
        let ended = async {
            match flight.running.as_mut() {
                Some(running) => running.await,
                None => std::future::pending().await,
            }
        };
        let stopped = tokio::select! {
            biased;
            ended = ended => {
                flight.running = None;
                return Ok(ended);
            }
            () = self.limits.cancel.cancelled() => true,
            () = tokio::time::sleep_until(given.min(deadline)) => deadline < given,
        };
        Err(if stopped {
            SourceError::Cancelled { probe: probe.name }
        } else {
            SourceError::TimedOut {
                probe: probe.name,
                after: probe.timeout,
            }
        })
    }

    /// Runs it, and once more on a new connection where the one at hand had been closed meanwhile.
    async fn insist(
        &self,
        lease: Lease,
        probe: &'static Probe,
        order: Order,
    ) -> Result<(Lease, Result<Answer, Error>), SourceError> {
        let (lease, result) = self.fly(lease, probe, order.clone()).await?;
        if lease.maybe_stale && result.as_ref().is_err_and(is_lost) {
            let lease = self.pool.replace(lease, self.deadline()).await?;
            return self.fly(lease, probe, order).await;
        }
        Ok((lease, result))
    }

    /// Keeps the connection for the call's next read if it is still good.
    fn land(
        &self,
        mut lease: Lease,
        slot: &mut Option<Lease>,
        result: Result<Answer, SourceError>,
    ) -> Result<Rows, SourceError> {
        if let Err(error @ SourceError::Unreachable { .. }) = &result {
            self.pool.connector.breaker.failed(error);
            return result.map(|answer| answer.rows);
        }
        if !lease.session.proven {
            lease.session.proven = true;
            self.pool.connector.breaker.succeeded();
        }
        lease.maybe_stale = false;
        lease.session.used_at = Instant::now();
        match &result {
            Ok(answer) if !answer.reusable => abandon(lease.session.conn),
            _ if lease.session.conn.is_disconnected() => drop(lease),
            _ => *slot = Some(lease),
        }
        result.map(|answer| answer.rows)
    }
}

impl Drop for LiveReader {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.get_mut().take() {
            self.pool.give_back(lease);
        }
    }
}

/// What serves `probe` on this server now.
fn statement(
    pool: &Pool,
    server: &Server,
    probe: &'static Probe,
) -> Result<&'static str, SourceError> {
    let Some(statement) = probe.statement_for(server) else {
        return Err(SourceError::Unsupported {
            probe: probe.name,
            server: server.to_string(),
            remedy: probe.needs.remedy,
        });
    };
    if probe.needs.performance_schema && !server.performance_schema {
        return Err(SourceError::Disabled {
            probe: probe.name,
            remedy: probe.needs.remedy,
        });
    }
    let held_back = pool.stuck.hold_back(probe, statement.sql, pool.limit);
    held_back.map_or(Ok(statement.sql), Err)
}

/// The statement as a future of its own, so that it can be waited for after its caller has gone.
fn start(mut lease: Lease, probe: &'static Probe, order: Order) -> Running {
    Box::pin(async move {
        let session = &mut lease.session;
        let result = match session.allow(probe.timeout).await {
            Ok(()) => run(&mut session.conn, order, probe.row_limit).await,
            Err(error) => Err(error),
        };
        (lease, result)
    })
}

#[async_trait]
impl MySql for LiveReader {
    async fn server(&self) -> Result<Arc<Server>, SourceError> {
        let mut slot = self.slot("server").await?;
        let lease = self.lease(&mut slot, "server").await?;
        let server = Arc::clone(&lease.session.server);
        *slot = Some(lease);
        Ok(server)
    }

    async fn read(&self, probe: &'static Probe, params: &[Value]) -> Result<Rows, SourceError> {
        let mut slot = self.slot(probe.name).await?;
        let lease = self.lease(&mut slot, probe.name).await?;
        let sql = match statement(&self.pool, &lease.session.server, probe) {
            Ok(sql) => sql,
            Err(error) => {
                *slot = Some(lease);
                return Err(error);
            }
        };
        let order = Order::Probe(sql, params.iter().map(parameter).collect());
        let (lease, result) = self.insist(lease, probe, order).await?;
        let server = &lease.session.server;
        let result = result.map_err(|error| read_error(error, probe, server));
        self.land(lease, &mut slot, result)
    }

    async fn explain(&self, statement: &Explainable) -> Result<Rows, SourceError> {
        let mut slot = self.slot(EXPLAIN.name).await?;
        let lease = self.lease(&mut slot, EXPLAIN.name).await?;
        let stuck = &self.pool.stuck;
        if let Some(hangs) = stuck.hold_back(&EXPLAIN, "EXPLAIN", self.pool.limit) {
            *slot = Some(lease);
            return Err(hangs);
        }
        let order = Order::explain(statement, lease.session.server.flavour);
        let (lease, result) = self.insist(lease, &EXPLAIN, order).await?;
        let server = &lease.session.server;
        let result = result.map_err(|error| explain_error(error, server));
        self.land(lease, &mut slot, result)
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }

    async fn pass(&self, gap: Duration) -> Result<bool, SourceError> {
        let probe = "the next sample";
        // Others may read meanwhile: two who sample must not shut out a third.
        if let Some(lease) = self.slot(probe).await?.take() {
            self.pool.give_back(lease);
        }
        let end = Instant::now() + gap;
        let deadline = self.deadline();
        let slept = tokio::select! {
            () = self.limits.cancel.cancelled() => false,
            () = tokio::time::sleep_until(end.min(deadline)) => end <= deadline,
        };
        if slept {
            Ok(true)
        } else {
            Err(SourceError::Cancelled { probe })
        }
    }
}
