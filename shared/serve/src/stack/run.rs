//! run: the tool itself, over the sources it was granted. A panic becomes an error.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use storex_sources::{Limits, wall_clock};
use storex_tool::{Call, CallParts, Other, ToolError};
use tower::Service;

use super::always_ready;
use super::audit::Parts;
use super::deadline::Timed;

/// What a tool answered, not yet cut.
pub(crate) struct Uncut(pub(crate) storex_tool::Run);

/// The end of the stack.
#[derive(Clone, Copy)]
pub(crate) struct Run;

impl Service<Timed> for Run {
    type Response = Uncut;
    type Error = ToolError;
    type Future = BoxFuture<'static, Result<Uncut, ToolError>>;

    always_ready!();

    fn call(&mut self, timed: Timed) -> Self::Future {
        Box::pin(async move {
            let Timed {
                audited,
                deadline,
                stop,
            } = timed;
            let Parts {
                identified,
                parsed,
                mount,
                other,
                visible,
            } = audited.into_parts();
            let row = identified.row;
            let limits = Limits {
                deadline,
                cancel: stop,
            };
            let call = Arc::new(Call::new(CallParts {
                spec: row.spec,
                instance: mount.as_ref().map(|mount| Arc::clone(&mount.facts)),
                mysql: mount.as_ref().map(|mount| mount.mysql.open(limits.clone())),
                logs: mount.as_ref().map(|mount| mount.logs.open(limits.clone())),
                logs_kind: mount.as_ref().map_or("", |mount| mount.logs.kind()),
                metrics: mount
                    .as_ref()
                    .map(|mount| mount.metrics.open(limits.clone())),
                metrics_kind: mount.as_ref().map_or("", |mount| mount.metrics.kind()),
                other: other.map(|other| Other {
                    instance: Arc::clone(&other.facts),
                    mysql: other.mysql.open(limits.clone()),
                    logs: other.logs.open(limits.clone()),
                    logs_kind: other.logs.kind(),
                    metrics: other.metrics.open(limits),
                    metrics_kind: other.metrics.kind(),
                }),
                visible,
                progress: identified.incoming.progress,
                clock: wall_clock,
            }));
            let run = AssertUnwindSafe(row.run(parsed, Arc::clone(&call))).catch_unwind();
            let outcome = run
                .await
                .unwrap_or_else(|_panic| Err(ToolError::internal("the tool panicked")));
            let cost = call.cost();
            tracing::debug!(
                tool = row.spec.name,
                statements = cost.statements,
                rows = cost.rows,
                took_us = cost.took.as_micros(),
                log_bytes = cost.log_bytes,
                points = cost.points,
                "read"
            );
            outcome.map(Uncut)
        })
    }
}
