//! identify: who is calling, and whether the tool named is one they may know of. A tool a caller may
//! call nowhere is answered exactly like one that does not exist.

use std::sync::Arc;

use storex_access::{Principal, Transport};
use storex_tool::{Code, Credential, Incoming, Reply, Row, ToolError};
use tower::{Layer, Service};

use super::{Answering, Next, always_ready};
use crate::runtime::Runtime;

/// A call from someone known, of a tool they may know of.
pub(crate) struct Identified {
    pub(crate) incoming: Incoming,
    pub(crate) principal: Arc<Principal>,
    pub(crate) row: &'static Row,
}

#[derive(Debug, thiserror::Error)]
enum Unidentified {
    #[error("nobody is logged in; send the bearer token of this server")]
    Nobody,
    #[error("no tool named `{0}`")]
    UnknownTool(String),
}

impl From<Unidentified> for ToolError {
    fn from(error: Unidentified) -> Self {
        let code = match error {
            Unidentified::Nobody => Code::Denied,
            Unidentified::UnknownTool(_) => Code::UnknownTool,
        };
        Self::new(code, error.to_string())
    }
}

#[derive(Clone)]
pub(crate) struct IdentifyLayer {
    runtime: Arc<Runtime>,
}

impl IdentifyLayer {
    pub(crate) fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }
}

impl<S> Layer<S> for IdentifyLayer {
    type Service = Identify<S>;

    fn layer(&self, next: S) -> Identify<S> {
        Identify {
            runtime: Arc::clone(&self.runtime),
            next,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Identify<S> {
    runtime: Arc<Runtime>,
    next: S,
}

impl<S> Identify<S> {
    fn identify(&self, incoming: Incoming) -> Result<Identified, Unidentified> {
        let principal = self
            .runtime
            .principal(&incoming.credential, incoming.transport)
            .ok_or(Unidentified::Nobody)?;
        match self.runtime.callable_row(&principal, &incoming.tool) {
            Some(row) => Ok(Identified {
                incoming,
                principal,
                row,
            }),
            None => Err(Unidentified::UnknownTool(incoming.tool)),
        }
    }
}

impl<S: Next<Identified>> Service<Incoming> for Identify<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, incoming: Incoming) -> Answering {
        match self.identify(incoming) {
            Ok(identified) => self.next.call(identified),
            Err(error) => Box::pin(async { Err(error.into()) }),
        }
    }
}

impl Runtime {
    /// What a credential is worth here, over this transport.
    pub(crate) fn principal(
        &self,
        credential: &Credential,
        transport: &str,
    ) -> Option<Arc<Principal>> {
        let http = transport == "http";
        match credential {
            Credential::Local if http => Some(Arc::clone(&self.local_over_http)),
            Credential::Local => Some(Arc::clone(&self.local)),
            Credential::Verified(identity) => {
                let teams = identity.teams.iter().map(String::as_str);
                let principal = match &identity.agent {
                    Some(agent) => Principal::agent(agent, &identity.user, teams),
                    None => Principal::user(&identity.user, teams),
                };
                let through = if http {
                    Transport::Http
                } else {
                    Transport::Stdio
                };
                Some(Arc::new(principal.through(through)))
            }
            Credential::Missing => None,
        }
    }
}
