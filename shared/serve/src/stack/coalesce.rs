//! coalesce: the same question about the same instance, asked by many callers within its freshness
//! window, runs once. Every one of them has been authorized and audited before it comes here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use storex_tool::{Reply, ToolError};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::{Layer, Service};
use tracing::Instrument;

use super::deadline::Timed;
use super::{Answering, Next, Outcome, always_ready};

/// From this many on, answers that are no longer fresh are let go before another is kept.
const SWEPT_FROM: usize = 32;
/// More answers than this are never kept.
const KEPT_AT_MOST: usize = 256;

/// The outcome of one run, for everyone who waits for it.
type SharedOutcome = Shared<BoxFuture<'static, Outcome>>;

#[derive(Clone, Copy)]
pub(crate) struct CoalesceLayer;

impl<S> Layer<S> for CoalesceLayer {
    type Service = Coalesce<S>;

    fn layer(&self, next: S) -> Coalesce<S> {
        Coalesce {
            next,
            flights: Arc::default(),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Coalesce<S> {
    next: S,
    flights: Arc<Mutex<HashMap<Key, Flight>>>,
}

/// What makes two calls the same: tool, instances (their addresses in memory change when the inventory
/// points them elsewhere) and arguments.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    tool: &'static str,
    mount: usize,
    other: Option<usize>,
    arguments: String,
}

/// One run that several callers may share.
#[derive(Clone)]
struct Flight {
    outcome: SharedOutcome,
    /// Held by those who wait; when the last lets go, the run is stopped.
    waiters: Weak<DropGuard>,
    started: Instant,
    freshness: Duration,
}

impl Flight {
    fn is_joinable(&self) -> bool {
        match self.outcome.peek() {
            Some(Ok(_)) => self.started.elapsed() < self.freshness,
            Some(Err(_)) => false,
            None => true,
        }
    }
}

impl<S: Next<Timed>> Service<Timed> for Coalesce<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, timed: Timed) -> Answering {
        let freshness = timed.audited.row().spec.freshness;
        let Some(mount) = timed.audited.mount().filter(|_| !freshness.is_zero()) else {
            return self.next.call(timed);
        };
        let key = Key {
            tool: timed.audited.row().spec.name,
            mount: Arc::as_ptr(mount).addr(),
            other: timed.audited.other().map(|other| Arc::as_ptr(other).addr()),
            arguments: canonical(&timed),
        };
        if let Some((outcome, waiter)) = self.join(&key) {
            return Box::pin(async move {
                let outcome = outcome.await;
                drop(waiter);
                outcome
            });
        }
        self.fly(key, timed, freshness)
    }
}

impl<S: Next<Timed>> Coalesce<S> {
    fn join(&self, key: &Key) -> Option<(SharedOutcome, Option<Arc<DropGuard>>)> {
        let flights = lock(&self.flights);
        let flight = flights.get(key).filter(|flight| flight.is_joinable())?;
        if flight.outcome.peek().is_some() {
            return Some((flight.outcome.clone(), None));
        }
        // A run whose waiters have all gone is being stopped: its outcome is of no use.
        let waiter = flight.waiters.upgrade()?;
        Some((flight.outcome.clone(), Some(waiter)))
    }

    fn fly(&mut self, key: Key, mut timed: Timed, freshness: Duration) -> Answering {
        let stop = CancellationToken::new();
        timed.stop = stop.clone();
        let waiter = Arc::new(stop.drop_guard());
        // The run outlives the caller who started it, as long as another waits for it.
        let run = tokio::spawn(self.next.call(timed).in_current_span());
        let outcome = async move {
            run.await
                .unwrap_or_else(|error| Err(ToolError::internal(format!("run failed: {error}"))))
        }
        .boxed()
        .shared();
        let flight = Flight {
            outcome: outcome.clone(),
            waiters: Arc::downgrade(&waiter),
            started: Instant::now(),
            freshness,
        };
        let mut flights = lock(&self.flights);
        if flights.len() >= SWEPT_FROM {
            flights.retain(|_, flight| flight.is_joinable());
        }
        if flights.len() < KEPT_AT_MOST {
            flights.insert(key, flight);
        }
        drop(flights);
        Box::pin(async move {
            let outcome = outcome.await;
            drop(waiter);
            outcome
        })
    }
}

fn lock(flights: &Mutex<HashMap<Key, Flight>>) -> MutexGuard<'_, HashMap<Key, Flight>> {
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The arguments in one order, whatever order they came in.
fn canonical(timed: &Timed) -> String {
    let mut fields: Vec<String> = timed
        .audited
        .arguments()
        .iter()
        .map(|(name, value)| format!("{name:?}:{value}"))
        .collect();
    fields.sort_unstable();
    fields.join(",")
}
