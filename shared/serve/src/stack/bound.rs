//! bound: an answer is cut to its budget, saying what was cut, and rendered. Text from a database
//! was marked and capped when the tool took it in; nothing unmarked can grow past the budget here.

use std::sync::Arc;

use storex_tool::{Detail, Reply, ToolError, add_notes, fit, markdown};
use tower::{Layer, Service};

use super::deadline::Timed;
use super::run::Uncut;
use super::{Answering, always_ready};

#[derive(Clone, Copy)]
pub(crate) struct BoundLayer;

impl<S> Layer<S> for BoundLayer {
    type Service = Bound<S>;

    fn layer(&self, next: S) -> Bound<S> {
        Bound { next }
    }
}

#[derive(Clone)]
pub(crate) struct Bound<S> {
    next: S,
}

impl<S> Service<Timed> for Bound<S>
where
    S: Service<Timed, Response = Uncut, Error = ToolError> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, timed: Timed) -> Answering {
        let full = timed
            .audited
            .arguments()
            .get("detail")
            .is_some_and(|detail| detail == "full");
        let budget = if full { Detail::Full } else { Detail::Concise }.budget_bytes();
        let running = self.next.call(timed);
        Box::pin(async move {
            let mut run = running.await?.0;
            let (attachments, notes) = run.attachments.fit();
            add_notes(&mut run.structured, &notes);
            let structured = fit(run.structured, budget);
            let text = markdown(&structured);
            Ok(Arc::new(Reply {
                structured,
                text,
                attachments,
                is_error: false,
            }))
        })
    }
}
