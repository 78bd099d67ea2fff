//! What a line says. Names of arguments and a digest of their values, never the values; never rows.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::AuditError;
use super::line::hex;
use crate::{Decision, Principal};

/// Longer names are cut, so that a line stays short whatever a caller sends.
const NAME_CHARS: usize = 200;
/// More names than this are left out.
const NAMES: usize = 64;
/// Bytes of a digest that are kept.
const DIGEST_BYTES: usize = 16;

/// A call about to run, or refused.
#[derive(Debug, Clone, Copy)]
pub struct Begin<'a> {
    /// The id under which logs and traces know the call.
    pub request_id: &'a str,
    /// Who calls.
    pub principal: &'a Principal,
    /// The tool.
    pub tool: &'a str,
    /// The instance named, as the caller wrote it.
    pub instance: Option<&'a str>,
    /// The arguments. Their names are recorded, their values only as a salted digest.
    pub arguments: &'a Map<String, Value>,
    /// What was decided.
    pub decision: &'a Decision,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Ok,
    /// It was refused by policy and did not run.
    Denied,
    /// It was given up before it ended.
    Cancelled,
    /// It failed, with this code.
    Failed(&'static str),
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Failed(code) => code,
        }
    }
}

#[derive(Serialize)]
struct BeginBody<'a> {
    kind: &'static str,
    request: &'a str,
    principal: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<&'a str>,
    transport: &'static str,
    tool: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    arguments: Vec<&'a str>,
    arguments_digest: String,
    decision: &'static str,
    policies: Vec<&'a str>,
    #[serde(skip_serializing_if = "is_zero")]
    policy_errors: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Begin<'_> {
    pub(super) fn body(&self, salt: &Salt) -> Result<Vec<u8>, AuditError> {
        let principal = self.principal;
        encode(&BeginBody {
            kind: "begin",
            request: capped(self.request_id),
            principal: capped(&principal.id),
            on_behalf_of: principal.is_agent().then(|| capped(principal.user_id())),
            transport: principal.transport.as_str(),
            tool: capped(self.tool),
            instance: self.instance.map(capped),
            arguments: self
                .arguments
                .keys()
                .take(NAMES)
                .map(|name| capped(name))
                .collect(),
            arguments_digest: salt.digest(self.arguments),
            decision: if self.decision.allow { "allow" } else { "deny" },
            policies: self
                .decision
                .policies
                .iter()
                .take(NAMES)
                .map(|id| capped(id))
                .collect(),
            policy_errors: self.decision.errors.len(),
        })
    }
}

/// The second line of a call.
#[derive(Serialize)]
pub(super) struct EndBody {
    kind: &'static str,
    begin: u64,
    outcome: &'static str,
    duration_ms: u64,
    bytes: u64,
}

impl EndBody {
    pub(super) fn new(begin: u64, outcome: Outcome, duration: Duration, bytes: u64) -> Self {
        Self {
            kind: "end",
            begin,
            outcome: outcome.as_str(),
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            bytes,
        }
    }

    pub(super) fn body(&self) -> Result<Vec<u8>, AuditError> {
        encode(self)
    }
}

/// A line torn by a crash stands before this one.
#[derive(Serialize)]
pub(super) struct TornBody {
    kind: &'static str,
    bytes: usize,
    digest: String,
}

/// The kind of [`TornBody`].
pub(super) const TORN: &str = "torn";

impl TornBody {
    pub(super) fn new(torn: &[u8]) -> Self {
        Self {
            kind: TORN,
            bytes: torn.len(),
            digest: hex(&Sha256::digest(torn)),
        }
    }

    pub(super) fn body(&self) -> Result<Vec<u8>, AuditError> {
        encode(self)
    }
}

/// Lines from `from` on were written, but syncing failed: they may be missing after a power cut.
#[derive(Serialize)]
pub(super) struct UnsyncedBody {
    kind: &'static str,
    from: u64,
}

impl UnsyncedBody {
    pub(super) fn new(from: u64) -> Self {
        Self {
            kind: "unsynced",
            from,
        }
    }

    pub(super) fn body(&self) -> Result<Vec<u8>, AuditError> {
        encode(self)
    }
}

fn encode(body: &impl Serialize) -> Result<Vec<u8>, AuditError> {
    serde_json::to_vec(body).map_err(AuditError::Encode)
}

fn capped(text: &str) -> &str {
    match text.char_indices().nth(NAME_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// Keeps digests from being guessed.
#[derive(Debug, Clone)]
pub(super) struct Salt(Vec<u8>);

impl Salt {
    pub(super) fn new(given: Option<Vec<u8>>) -> Self {
        Self(given.unwrap_or_else(|| {
            // Keys of the standard hasher come from the operating system.
            let random = || RandomState::new().hash_one(()).to_be_bytes();
            [random(), random()].concat()
        }))
    }

    /// A digest of arguments that does not depend on their order.
    fn digest(&self, arguments: &Map<String, Value>) -> String {
        let mut text = Vec::new();
        canonical_map(arguments, &mut text);
        let mut hash = Sha256::new();
        hash.update((self.0.len() as u64).to_be_bytes());
        hash.update(&self.0);
        hash.update(&text);
        let digest = hash.finalize();
        hex(digest.get(..DIGEST_BYTES).unwrap_or_default())
    }
}

fn canonical_map(map: &Map<String, Value>, out: &mut Vec<u8>) {
    let mut keys: Vec<(&String, &Value)> = map.iter().collect();
    keys.sort_unstable_by_key(|(name, _)| *name);
    out.push(b'{');
    for (name, value) in keys {
        out.extend(Value::from(name.as_str()).to_string().bytes());
        out.push(b':');
        canonical(value, out);
        out.push(b',');
    }
    out.push(b'}');
}

fn canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => canonical_map(map, out),
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                canonical(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        plain => out.extend(plain.to_string().bytes()),
    }
}
