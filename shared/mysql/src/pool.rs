//! The few connections of one instance: lent to one call at a time, one of them kept open.
//!
//! A permit is the right to use a connection. Whoever holds one takes an idle connection before it
//! opens another, so connections in use and idle together never exceed the number of permits.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use storex_fleet::MySqlEndpoint;
use storex_sources::{Limits, SourceError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::connect::Connector;
use crate::recover::Stuck;
use crate::session::{Door, Session};
use crate::settings::Settings;

/// How long a connection may take to say goodbye or to answer a ping.
pub(crate) const COURTESY: Duration = Duration::from_secs(1);

/// The connections of one instance.
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) connector: Connector,
    /// Held by the one statement killer that may run at a time.
    pub(crate) killer: tokio::sync::Mutex<()>,
    pub(crate) stuck: Stuck,
    permits: Arc<Semaphore>,
    /// Permits in all.
    pub(crate) limit: usize,
    idle: Mutex<Vec<Session>>,
    open: Arc<Open>,
    looked_after: AtomicBool,
}

/// A connection lent out. Dropped instead of given back, it is closed.
pub(crate) struct Lease {
    pub(crate) session: Session,
    permit: OwnedSemaphorePermit,
    /// Whether it had been idle and has not been read since: the server may have closed it.
    pub(crate) maybe_stale: bool,
}

/// Counts open connections, and wakes those who wait for one to be given back.
#[derive(Default)]
struct Open {
    count: AtomicUsize,
    changed: Notify,
}

/// One open connection's place in the count, from its making to its end.
pub(crate) struct Counted(Arc<Open>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_waiters();
    }
}

impl Pool {
    pub(crate) fn new(name: String, endpoint: MySqlEndpoint, settings: Settings) -> Arc<Self> {
        let limit = endpoint.max_connections.max(1);
        Arc::new(Self {
            name,
            permits: Arc::new(Semaphore::new(limit)),
            limit,
            settings,
            connector: Connector::new(endpoint),
            killer: tokio::sync::Mutex::default(),
            stuck: Stuck::default(),
            idle: Mutex::default(),
            open: Arc::default(),
            looked_after: AtomicBool::new(false),
        })
    }

    /// A connection for the call bounded by `limits`: an idle one, else a new one, else the next
    /// one given back. `probe` names what it is for, should the call be stopped.
    pub(crate) async fn check_out(
        self: &Arc<Self>,
        limits: &Limits,
        probe: &'static str,
    ) -> Result<Lease, SourceError> {
        let deadline = Instant::from_std(limits.deadline);
        tokio::select! {
            biased;
            () = limits.cancel.cancelled() => Err(SourceError::Cancelled { probe }),
            lease = self.check_out_by(deadline) => lease,
        }
    }

    pub(crate) async fn check_out_by(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<Lease, SourceError> {
        let permit = tokio::time::timeout_at(deadline, Arc::clone(&self.permits).acquire_owned());
        let Ok(Ok(permit)) = permit.await else {
            return Err(SourceError::Busy { limit: self.limit });
        };
        while let Some(mut session) = self.take_idle() {
            let rested = session.used_at.elapsed() > self.settings.ping_after;
            if !rested || session.answers(COURTESY).await {
                return Ok(Lease {
                    session,
                    permit,
                    maybe_stale: true,
                });
            }
        }
        let error = match self.connect(deadline).await {
            Ok(session) => {
                return Ok(Lease {
                    session,
                    permit,
                    maybe_stale: false,
                });
            }
            Err(error) => error,
        };
        // The server lets nobody else in, but another call has a connection it will give back.
        let session = match error {
            SourceError::TooManyConnections | SourceError::CircuitOpen { .. } => {
                tokio::time::timeout_at(deadline, self.given_back()).await
            }
            _ => return Err(error),
        };
        match session {
            Ok(Some(session)) => Ok(Lease {
                session,
                permit,
                maybe_stale: true,
            }),
            _ => Err(error),
        }
    }

    /// The next connection given back; `None` when none is open.
    async fn given_back(&self) -> Option<Session> {
        loop {
            let mut changed = pin!(self.open.changed.notified());
            changed.as_mut().enable();
            if let Some(session) = self.take_idle() {
                return Some(session);
            }
            if self.open() == 0 {
                return None;
            }
            changed.await;
        }
    }

    /// A new connection in place of one that turned out to be closed.
    pub(crate) async fn replace(
        self: &Arc<Self>,
        lease: Lease,
        deadline: Instant,
    ) -> Result<Lease, SourceError> {
        let Lease {
            session, permit, ..
        } = lease;
        drop(session);
        // What broke one connection (a restart, a failover) has most likely broken all.
        self.lock_idle().clear();
        Ok(Lease {
            session: self.connect(deadline).await?,
            permit,
            maybe_stale: false,
        })
    }

    async fn connect(self: &Arc<Self>, deadline: Instant) -> Result<Session, SourceError> {
        let budget = deadline.saturating_duration_since(Instant::now());
        let counted = || {
            self.open.count.fetch_add(1, Ordering::AcqRel);
            Counted(Arc::clone(&self.open))
        };
        let connector = &self.connector;
        let session = connector.session(&self.settings, budget, counted).await?;
        tracing::debug!(instance = %self.name, server = %session.server, "connected");
        self.look_after();
        Ok(session)
    }

    /// Takes a connection back for the next call.
    pub(crate) fn give_back(&self, lease: Lease) {
        if lease.session.conn.is_disconnected() {
            return;
        }
        if lease.session.door == Door::Admin {
            close(lease);
            return;
        }
        self.lock_idle().push(lease.session);
        drop(lease.permit);
        self.open.changed.notify_waiters();
    }

    /// An idle connection to the server `identity`, if one can be had without waiting.
    pub(crate) fn spare(&self, identity: &str) -> Option<Lease> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let mut idle = self.lock_idle();
        let at = idle.iter().position(|s| &*s.identity == identity)?;
        Some(Lease {
            session: idle.remove(at),
            permit,
            maybe_stale: true,
        })
    }

    /// Connections lent out or being made.
    pub(crate) fn in_use(&self) -> usize {
        self.limit.saturating_sub(self.permits.available_permits())
    }

    /// Connections open.
    pub(crate) fn open(&self) -> usize {
        self.open.count.load(Ordering::Acquire)
    }

    pub(crate) async fn close_idle(&self) {
        while let Some(session) = self.take_idle() {
            let _ = tokio::time::timeout(COURTESY, session.conn.disconnect()).await;
        }
    }

    fn take_idle(&self) -> Option<Session> {
        self.lock_idle().pop()
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts looking after idle connections, once there has been one.
    fn look_after(self: &Arc<Self>) {
        if self.looked_after.swap(true, Ordering::Relaxed) {
            return;
        }
        let pool = Arc::downgrade(self);
        let every = self.settings.look_after_every;
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                let Some(pool) = pool.upgrade() else {
                    return;
                };
                pool.close_surplus();
                pool.keep_one().await;
            }
        });
    }

    /// Closes idle connections beyond the one held, the longest unused first.
    fn close_surplus(&self) {
        let mut idle = self.lock_idle();
        while idle.len() > 1 {
            let unused = idle.first().map(|session| session.used_at.elapsed());
            if unused.is_none_or(|unused| unused < self.settings.close_idle_after) {
                break;
            }
            drop(idle.remove(0));
        }
    }

    /// Makes sure the held connection still answers, and opens another if it does not.
    async fn keep_one(self: &Arc<Self>) {
        if self.in_use() == 0 {
            match self
                .check_out_by(Instant::now() + self.settings.connect_timeout)
                .await
            {
                Ok(lease) => self.give_back(lease),
                Err(error) => {
                    tracing::debug!(instance = %self.name, %error, "no connection is held");
                }
            }
        }
    }
}

/// Closes a connection, keeping its permit until the server has been told.
pub(crate) fn close(lease: Lease) {
    let Lease {
        session, permit, ..
    } = lease;
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move {
            let _ = tokio::time::timeout(COURTESY, session.conn.disconnect()).await;
            drop(permit);
        });
    }
}
