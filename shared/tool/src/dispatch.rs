//! What stands between a protocol and the stack: one call in, one reply out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use serde_json::{Map, Value};
use storex_sources::wall_clock;
use tokio_util::sync::CancellationToken;

use crate::{Attachments, Definition, Progress};

/// Who the transport says is calling. The stack decides what that is worth.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The person who started this process (stdio, or a command).
    Local,
    /// Someone the transport verified.
    Verified(Arc<Identity>),
    /// Nobody.
    Missing,
}

/// A verified identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The person.
    pub user: String,
    /// The person's teams.
    pub teams: Vec<String>,
    /// The agent acting for the person, if any.
    pub agent: Option<String>,
}

/// One call as a transport received it.
#[derive(Debug)]
pub struct Incoming {
    /// The tool named.
    pub tool: String,
    /// Its arguments, untyped.
    pub arguments: Map<String, Value>,
    /// Who is calling.
    pub credential: Credential,
    /// `stdio`, `http` or `command`.
    pub transport: &'static str,
    /// Where progress goes.
    pub progress: Progress,
    /// Fires when the caller goes away or cancels.
    pub cancel: CancellationToken,
    /// The id under which audit, logs and traces know the call.
    pub request_id: String,
}

impl Incoming {
    /// A call without progress or cancellation, with an id of its own.
    pub fn new(
        tool: impl Into<String>,
        arguments: Map<String, Value>,
        credential: Credential,
        transport: &'static str,
    ) -> Self {
        Self {
            tool: tool.into(),
            arguments,
            credential,
            transport,
            progress: None,
            cancel: CancellationToken::new(),
            request_id: next_request_id(),
        }
    }
}

/// Ids count up from the moment the process began, so that those of two runs differ.
fn next_request_id() -> String {
    static BEGAN: LazyLock<i64> = LazyLock::new(|| wall_clock().as_microsecond());
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{:x}-{:x}", *BEGAN, COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A finished call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The structured value; stands on its own.
    pub structured: Value,
    /// The same facts as compact Markdown.
    pub text: String,
    /// Pictures, and what the tool's page draws.
    pub attachments: Attachments,
    /// Whether the call failed.
    pub is_error: bool,
}

/// There is no such tool, or none this caller may know of.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no tool named `{0}`; tools/list names those you may call")]
pub struct UnknownTool(pub String);

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// `storex`, or a domain server's name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Instructions for the model, at most 2 KB.
    pub instructions: String,
}

/// A page clients can read as a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runbook {
    /// Its name, the last part of `storex://runbooks/<name>`.
    pub name: &'static str,
    /// One line.
    pub title: &'static str,
    /// Markdown.
    pub text: &'static str,
}

/// The stack, as a transport sees it.
#[async_trait]
pub trait Dispatch: Send + Sync + 'static {
    /// Runs one call through the whole stack.
    async fn call(&self, incoming: Incoming) -> Result<Arc<Reply>, UnknownTool>;

    /// The tools this caller may call on at least one resource, in a fixed order.
    async fn list(&self, credential: &Credential, transport: &'static str) -> Vec<Arc<Definition>>;

    /// What the server says of itself.
    fn about(&self) -> &About;

    /// The pages it serves.
    fn runbooks(&self) -> &[Runbook];
}
