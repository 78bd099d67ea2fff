//! limit: so many calls at once per instance, so many a second per principal. What is too much is
//! refused at once with a clear error; nothing queues before a sick database.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_access::Principal;
use storex_tool::{Code, Reply, ToolError};
use tower::{Layer, Service};

use super::audit::Audited;
use super::{Answering, Next, always_ready};

/// `[limits]`: how much one caller and one instance may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls running at once on one instance; more are refused.
    pub calls_per_instance: u32,
    /// Calls a second one principal may make over time.
    pub calls_per_principal_per_s: NonZeroU32,
    /// Calls one principal may make at once before the rate applies.
    pub burst_per_principal: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        const FIFTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
        const TWO_HUNDRED: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
        Self {
            calls_per_instance: 16,
            calls_per_principal_per_s: FIFTY,
            burst_per_principal: TWO_HUNDRED,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{limit} calls are already running on this instance; try again in a second")]
    Instance { limit: u32 },
    #[error("you are calling faster than {per_s} times a second; slow down")]
    Principal { per_s: u32, retry_after: Duration },
}

impl From<Refused> for ToolError {
    fn from(refused: Refused) -> Self {
        let after = match &refused {
            Refused::Instance { .. } => Duration::from_secs(1),
            Refused::Principal { retry_after, .. } => *retry_after,
        };
        Self::new(Code::Busy, refused.to_string()).retry_after(after)
    }
}

#[derive(Clone)]
pub(crate) struct LimitLayer {
    limits: Limits,
    rate: Arc<DefaultKeyedRateLimiter<(String, Option<String>)>>,
}

impl LimitLayer {
    pub(crate) fn new(limits: &Limits) -> Self {
        let quota = Quota::per_second(limits.calls_per_principal_per_s)
            .allow_burst(limits.burst_per_principal);
        Self {
            limits: *limits,
            rate: Arc::new(RateLimiter::keyed(quota)),
        }
    }
}

impl<S> Layer<S> for LimitLayer {
    type Service = Limit<S>;

    fn layer(&self, next: S) -> Limit<S> {
        Limit {
            layer: self.clone(),
            next,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Limit<S> {
    layer: LimitLayer,
    next: S,
}

impl<S: Next<Audited>> Service<Audited> for Limit<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, audited: Audited) -> Answering {
        if let Err(refused) = self.layer.check_rate(audited.principal()) {
            return Box::pin(async { Err(refused.into()) });
        }
        let limit = self.layer.limits.calls_per_instance;
        let mounts = audited.mount().into_iter().chain(audited.other());
        let Some(permits) = mounts
            .map(|mount| mount.try_enter(limit))
            .collect::<Option<Vec<_>>>()
        else {
            return Box::pin(async move { Err(Refused::Instance { limit }.into()) });
        };
        let answering = self.next.call(audited);
        Box::pin(async move {
            let outcome = answering.await;
            drop(permits);
            outcome
        })
    }
}

impl LimitLayer {
    fn check_rate(&self, principal: &Principal) -> Result<(), Refused> {
        // An agent and its user are two: one must not use up the other's share.
        let key = (
            principal.user_id().to_owned(),
            principal.is_agent().then(|| principal.id.clone()),
        );
        self.rate
            .check_key(&key)
            .map_err(|until| Refused::Principal {
                per_s: self.limits.calls_per_principal_per_s.get(),
                retry_after: until.wait_time_from(DefaultClock::default().now()),
            })?;
        // Principals come and go; their state is dropped once it says nothing any more.
        if self.rate.len() > 10_000 {
            self.rate.retain_recent();
        }
        Ok(())
    }
}
