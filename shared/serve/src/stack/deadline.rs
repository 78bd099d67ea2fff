//! deadline: the tool's own. When it passes, or the caller goes away, the statement running in the
//! database is killed there.

use std::sync::Arc;
use std::time::Instant;

use storex_tool::{Code, Reply, ToolError};
use tokio_util::sync::CancellationToken;
use tower::{Layer, Service};

use super::audit::Audited;
use super::{Answering, Next, always_ready};

/// An audited call with an end.
pub(crate) struct Timed {
    pub(crate) audited: Audited,
    /// When it must have answered.
    pub(crate) deadline: Instant,
    /// Fires when it must stop.
    pub(crate) stop: CancellationToken,
}

#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(
        "{tool} did not finish within {seconds} s and was stopped, in the database too; ask for less, or look at the server's load first"
    )]
    Late { tool: &'static str, seconds: u64 },
    #[error("the call was cancelled")]
    Cancelled,
}

impl From<Ended> for ToolError {
    fn from(ended: Ended) -> Self {
        let code = match ended {
            Ended::Late { .. } => Code::TimedOut,
            Ended::Cancelled => Code::Cancelled,
        };
        Self::new(code, ended.to_string())
    }
}

#[derive(Clone, Copy)]
pub(crate) struct DeadlineLayer;

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, next: S) -> Deadline<S> {
        Deadline { next }
    }
}

#[derive(Clone)]
pub(crate) struct Deadline<S> {
    next: S,
}

impl<S: Next<Timed>> Service<Audited> for Deadline<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, audited: Audited) -> Answering {
        let spec = audited.row().spec;
        let caller = audited.incoming().cancel.clone();
        let stop = CancellationToken::new();
        let deadline = Instant::now() + spec.deadline;
        // Whatever ends this future, the statement it started must end too.
        let guard = stop.clone().drop_guard();
        let answering = self.next.call(Timed {
            audited,
            deadline,
            stop,
        });
        Box::pin(async move {
            let late = || Ended::Late {
                tool: spec.name,
                seconds: spec.deadline.as_secs(),
            };
            let outcome = tokio::select! {
                biased;
                outcome = answering => outcome,
                () = caller.cancelled() => Err(Ended::Cancelled.into()),
                () = tokio::time::sleep_until(deadline.into()) => Err(late().into()),
            };
            // The source knows the deadline too, and may be first to stop; why is known here.
            let outcome = outcome.map_err(|error| match error.code {
                Code::Cancelled if caller.is_cancelled() => Ended::Cancelled.into(),
                Code::Cancelled if Instant::now() >= deadline => late().into(),
                _ => error,
            });
            drop(guard);
            outcome
        })
    }
}
