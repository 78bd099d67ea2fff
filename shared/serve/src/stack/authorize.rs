//! authorize: policy decides on principal, tool, resource and arguments. A denial is carried on to
//! the audit log before it is told.

use std::sync::Arc;

use storex_access::{Decision, Level, ResourceRef};
use storex_tool::{Code, Reply, Target, ToolError};
use tower::{Layer, Service};

use super::resolve::{Resolved, Resource};
use super::{Answering, Next, always_ready};
use crate::runtime::Runtime;

/// A call that policy has decided on, either way.
pub(crate) struct Decided {
    pub(crate) resolved: Resolved,
    pub(crate) decision: Arc<Decision>,
    /// The decision on the second instance, where there is one.
    pub(crate) other: Option<Arc<Decision>>,
}

/// Why a call is not allowed, in words that give nothing away.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Denial {
    #[error(
        "{which}there is no instance of that name which you may use with {tool}; fleet_instances lists those you may"
    )]
    Hidden { tool: &'static str, which: String },
    #[error(
        "you may see this instance but not call {tool} on it like this ({level} level); `storex policy \
         explain` says which policy decides, and its owner team can grant it"
    )]
    Seen {
        tool: &'static str,
        level: &'static str,
    },
}

impl From<Denial> for ToolError {
    fn from(denial: Denial) -> Self {
        let code = match denial {
            Denial::Hidden { .. } => Code::NotFound,
            Denial::Seen { .. } => Code::Denied,
        };
        Self::new(code, denial.to_string())
    }
}

impl Decided {
    /// The denial, where there is one.
    pub(crate) fn denial(&self) -> Option<Denial> {
        let spec = self.resolved.typed.identified.row.spec;
        let decisions = std::iter::once(&self.decision).chain(&self.other);
        let refusing = decisions.into_iter().find(|decision| !decision.allow)?;
        // With two instances in play the caller is told which of the names to look at.
        let which = match spec.target {
            Target::InstanceAnd(second) if self.decision.allow => format!("`{second}`: "),
            _ => String::new(),
        };
        let tool = spec.name;
        Some(match refusing.level {
            None => Denial::Hidden { tool, which },
            Some(Level::Team) => Denial::Seen {
                tool,
                level: "team",
            },
            Some(Level::Resource) => Denial::Seen {
                tool,
                level: "resource",
            },
            Some(Level::Rpc) => Denial::Seen { tool, level: "RPC" },
            Some(Level::Arguments) => Denial::Seen {
                tool,
                level: "argument",
            },
        })
    }
}

#[derive(Clone)]
pub(crate) struct AuthorizeLayer {
    runtime: Arc<Runtime>,
}

impl AuthorizeLayer {
    pub(crate) fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }
}

impl<S> Layer<S> for AuthorizeLayer {
    type Service = Authorize<S>;

    fn layer(&self, next: S) -> Authorize<S> {
        Authorize {
            runtime: Arc::clone(&self.runtime),
            next,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Authorize<S> {
    runtime: Arc<Runtime>,
    next: S,
}

impl<S: Next<Decided>> Service<Resolved> for Authorize<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, resolved: Resolved) -> Answering {
        let identified = &resolved.typed.identified;
        let decide = |resource: &Resource| {
            let resource = match resource {
                Resource::Fleet => ResourceRef::Fleet,
                Resource::Instance(mount) => ResourceRef::Instance(&mount.facts.name),
                // A name no inventory can hold: decided like any other, and denied.
                Resource::Unknown => ResourceRef::Instance(""),
            };
            self.runtime.access.authorize(
                &identified.principal,
                identified.row.spec.name,
                resource,
                &resolved.typed.parsed.arguments,
            )
        };
        let decision = decide(&resolved.resource);
        let other = resolved.other.as_ref().map(decide);
        self.next.call(Decided {
            resolved,
            decision,
            other,
        })
    }
}
