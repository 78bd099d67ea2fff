//! The one way for every call: small tower layers, each turning what the one before it proved into
//! the next proof. A later stage's input can only be made by the stage before it, so the compiler
//! shows that nothing reaches a tool by another way.
//!
//! identify → parse → resolve → authorize → audit → limit → deadline → coalesce → bound → run

mod audit;
mod authorize;
mod bound;
mod coalesce;
mod deadline;
mod identify;
mod limit;
mod parse;
mod resolve;
mod run;

use std::sync::Arc;

use futures::future::BoxFuture;
use storex_tool::{Incoming, Reply, ToolError};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};

use crate::runtime::Runtime;

pub use limit::Limits;

/// What every layer answers with.
pub(crate) type Outcome = Result<Arc<Reply>, ToolError>;
/// What every layer's future is.
pub(crate) type Answering = BoxFuture<'static, Outcome>;

/// The whole stack, cheap to clone.
#[derive(Clone)]
pub(crate) struct Stack(BoxCloneSyncService<Incoming, Arc<Reply>, ToolError>);

impl Stack {
    pub(crate) fn new(runtime: &Arc<Runtime>, limits: &Limits) -> Self {
        let service = ServiceBuilder::new()
            .layer(identify::IdentifyLayer::new(Arc::clone(runtime)))
            .layer(parse::ParseLayer)
            .layer(resolve::ResolveLayer::new(Arc::clone(runtime)))
            .layer(authorize::AuthorizeLayer::new(Arc::clone(runtime)))
            .layer(audit::AuditLayer::new(Arc::clone(runtime)))
            .layer(limit::LimitLayer::new(limits))
            .layer(deadline::DeadlineLayer)
            .layer(coalesce::CoalesceLayer)
            .layer(bound::BoundLayer)
            .service(run::Run);
        Self(BoxCloneSyncService::new(service))
    }

    pub(crate) async fn call(&self, incoming: Incoming) -> Outcome {
        self.0.clone().oneshot(incoming).await
    }
}

/// What a stage wraps: a service for the next stage's proof.
pub(crate) trait Next<R>:
    Service<R, Response = Arc<Reply>, Error = ToolError, Future = Answering>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<R, S> Next<R> for S where
    S: Service<R, Response = Arc<Reply>, Error = ToolError, Future = Answering>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A layer that never queues.
macro_rules! always_ready {
    () => {
        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), storex_tool::ToolError>> {
            // Nothing queues here: what is too much is refused by `limit`.
            std::task::Poll::Ready(Ok(()))
        }
    };
}
pub(crate) use always_ready;
