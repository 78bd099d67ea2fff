//! audit: who, what, on what and the decision are written before anything runs, and how it ended
//! afterwards. No record, no run.

use std::sync::Arc;

use serde_json::{Map, Value};
use storex_access::audit::{AuditLog, Begin, Outcome, Ticket};
use storex_access::{Decision, Principal};
use storex_tool::{Code, Incoming, InstanceFacts, Parsed, Reply, Row, Target, ToolError};
use tower::{Layer, Service};

use super::authorize::Decided;
use super::identify::Identified;
use super::resolve::Resource;
use super::{Answering, Next, always_ready};
use crate::mounts::Mount;
use crate::runtime::Runtime;

/// An allowed call whose record is written. Only this layer makes one.
pub(crate) struct Audited {
    decided: Decided,
    visible: Vec<Arc<InstanceFacts>>,
}

impl Audited {
    pub(crate) fn row(&self) -> &'static Row {
        self.decided.resolved.typed.identified.row
    }

    pub(crate) fn incoming(&self) -> &Incoming {
        &self.decided.resolved.typed.identified.incoming
    }

    pub(crate) fn arguments(&self) -> &Map<String, Value> {
        &self.decided.resolved.typed.parsed.arguments
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.decided.resolved.typed.identified.principal
    }

    pub(crate) fn mount(&self) -> Option<&Arc<Mount>> {
        self.decided.resolved.resource.mount()
    }

    /// The second instance of a comparison.
    pub(crate) fn other(&self) -> Option<&Arc<Mount>> {
        self.decided.resolved.other.as_ref()?.mount()
    }

    pub(crate) fn into_parts(self) -> Parts {
        let (mount, other) = (self.mount().cloned(), self.other().cloned());
        let typed = self.decided.resolved.typed;
        Parts {
            identified: typed.identified,
            parsed: typed.parsed,
            mount,
            other,
            visible: self.visible,
        }
    }
}

/// An allowed call taken apart, to be run.
pub(crate) struct Parts {
    pub(crate) identified: Identified,
    pub(crate) parsed: Parsed,
    pub(crate) mount: Option<Arc<Mount>>,
    pub(crate) other: Option<Arc<Mount>>,
    pub(crate) visible: Vec<Arc<InstanceFacts>>,
}

#[derive(Clone)]
pub(crate) struct AuditLayer {
    runtime: Arc<Runtime>,
}

impl AuditLayer {
    pub(crate) fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }
}

impl<S> Layer<S> for AuditLayer {
    type Service = Auditing<S>;

    fn layer(&self, next: S) -> Auditing<S> {
        Auditing {
            runtime: Arc::clone(&self.runtime),
            next,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Auditing<S> {
    runtime: Arc<Runtime>,
    next: S,
}

impl<S: Next<Audited>> Service<Decided> for Auditing<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, decided: Decided) -> Answering {
        let runtime = Arc::clone(&self.runtime);
        let mut next = self.next.clone();
        Box::pin(async move {
            // Dropped before its end, the ticket records that the call was given up.
            let tickets = begin(&runtime.audit, &decided).await?;
            let outcome = match decided.denial() {
                Some(denial) => Err(denial.into()),
                None => next.call(runtime.admit(decided)).await,
            };
            for ticket in tickets {
                end(ticket, &outcome);
            }
            outcome
        })
    }
}

impl Runtime {
    fn admit(&self, decided: Decided) -> Audited {
        let identified = &decided.resolved.typed.identified;
        let visible = match identified.row.spec.target {
            Target::Fleet => self.visible(&identified.principal),
            Target::Instance | Target::InstanceAnd(_) => Vec::new(),
        };
        Audited { decided, visible }
    }
}

/// One record for each instance the call is about.
async fn begin(audit: &AuditLog, decided: &Decided) -> Result<Vec<Ticket>, ToolError> {
    let resolved = &decided.resolved;
    let mut tickets = vec![record(audit, decided, &resolved.resource, &decided.decision).await?];
    if let (Some(other), Some(decision)) = (&resolved.other, &decided.other) {
        tickets.push(record(audit, decided, other, decision).await?);
    }
    Ok(tickets)
}

/// What the record holds: names of arguments and a digest, never their values.
async fn record(
    audit: &AuditLog,
    decided: &Decided,
    resource: &Resource,
    decision: &Decision,
) -> Result<Ticket, ToolError> {
    let typed = &decided.resolved.typed;
    let instance = match resource {
        Resource::Fleet => None,
        Resource::Instance(mount) => Some(mount.facts.name.as_str()),
        Resource::Unknown => Some("unknown"),
    };
    let begin = Begin {
        request_id: &typed.identified.incoming.request_id,
        principal: &typed.identified.principal,
        tool: typed.identified.row.spec.name,
        instance,
        arguments: &typed.parsed.arguments,
        decision,
    };
    audit.begin(&begin).await.map_err(|error| {
        let message = "no audit record can be written, so nothing was run; ask this server's operator to \
                       look at its audit log";
        ToolError::new(Code::NotAudited, message).internally(error.to_string())
    })
}

fn end(ticket: Ticket, outcome: &Result<Arc<Reply>, ToolError>) {
    let (ending, bytes) = match outcome {
        Ok(reply) => (
            Outcome::Ok,
            (reply.text.len() + reply.attachments.bytes()) as u64,
        ),
        Err(error) if matches!(error.code, Code::Denied | Code::NotFound) => (Outcome::Denied, 0),
        Err(error) if error.code == Code::Cancelled => (Outcome::Cancelled, 0),
        Err(error) => (Outcome::Failed(error.code.as_str()), 0),
    };
    if let Err(error) = ticket.end(ending, bytes) {
        // The run is over; the next call will be refused if the log is still not writable.
        tracing::error!(%error, "the end of a call is not recorded");
    }
}
