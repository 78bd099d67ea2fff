//! A probe's failure on disk. What a caller is shown is kept, so that a replay gives the same
//! coverage entry; the server's own words are for the log only and are not stored.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use storex_sources::{Probe, SourceError};

/// A [`SourceError`] as it is stored. Grants and remedies are not: they are the probe's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Failure {
    Unreachable { detail: String },
    AccessRefused { detail: String },
    Credentials { detail: String },
    Tls { detail: String },
    TooManyConnections,
    Busy { limit: usize },
    CircuitOpen { retry_in_ms: u64, last: String },
    Denied,
    Unsupported { server: String },
    Disabled,
    NotCaptured,
    TimedOut { after_ms: u64 },
    Query { code: u16 },
    Decode,
}

impl Failure {
    /// How `error` is stored. A read that was stopped says nothing about the server, so it is
    /// stored as not captured: a replayed call has not been stopped.
    pub(crate) fn of(error: &SourceError) -> Self {
        match error {
            SourceError::Unreachable { detail } => Self::Unreachable {
                detail: detail.clone(),
            },
            SourceError::AccessRefused { detail } => Self::AccessRefused {
                detail: detail.clone(),
            },
            SourceError::Credentials { detail } => Self::Credentials {
                detail: detail.clone(),
            },
            SourceError::Tls { detail } => Self::Tls {
                detail: detail.clone(),
            },
            SourceError::TooManyConnections => Self::TooManyConnections,
            SourceError::Busy { limit } => Self::Busy { limit: *limit },
            SourceError::CircuitOpen { retry_in, last } => Self::CircuitOpen {
                retry_in_ms: millis(*retry_in),
                last: last.clone(),
            },
            SourceError::Denied { .. } => Self::Denied,
            SourceError::Unsupported { server, .. } => Self::Unsupported {
                server: server.clone(),
            },
            SourceError::Disabled { .. } => Self::Disabled,
            SourceError::TimedOut { after, .. } => Self::TimedOut {
                after_ms: millis(*after),
            },
            SourceError::Query { code, .. } => Self::Query { code: *code },
            SourceError::Decode { .. } => Self::Decode,
            SourceError::NotCaptured { .. } | SourceError::Cancelled { .. } => Self::NotCaptured,
        }
    }

    /// The error `probe` failed with when it was recorded.
    pub(crate) fn replay(self, probe: &'static Probe) -> SourceError {
        let Probe { name, needs, .. } = *probe;
        match self {
            Self::Unreachable { detail } => SourceError::Unreachable { detail },
            Self::AccessRefused { detail } => SourceError::AccessRefused { detail },
            Self::Credentials { detail } => SourceError::Credentials { detail },
            Self::Tls { detail } => SourceError::Tls { detail },
            Self::TooManyConnections => SourceError::TooManyConnections,
            Self::Busy { limit } => SourceError::Busy { limit },
            Self::CircuitOpen { retry_in_ms, last } => SourceError::CircuitOpen {
                retry_in: Duration::from_millis(retry_in_ms),
                last,
            },
            Self::Denied => SourceError::Denied {
                probe: name,
                grants: needs.grants,
            },
            Self::Unsupported { server } => SourceError::Unsupported {
                probe: name,
                server,
                remedy: needs.remedy,
            },
            Self::Disabled => SourceError::Disabled {
                probe: name,
                remedy: needs.remedy,
            },
            Self::NotCaptured => SourceError::NotCaptured { probe: name },
            Self::TimedOut { after_ms } => SourceError::TimedOut {
                probe: name,
                after: Duration::from_millis(after_ms),
            },
            Self::Query { code } => SourceError::Query {
                probe: name,
                code,
                message: "not kept in snapshots".into(),
            },
            Self::Decode => SourceError::Decode {
                probe: name,
                detail: "not kept in snapshots".into(),
            },
        }
    }

    /// The kind's name, as it is stored.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::AccessRefused { .. } => "access_refused",
            Self::Credentials { .. } => "credentials",
            Self::Tls { .. } => "tls",
            Self::TooManyConnections => "too_many_connections",
            Self::Busy { .. } => "busy",
            Self::CircuitOpen { .. } => "circuit_open",
            Self::Denied => "denied",
            Self::Unsupported { .. } => "unsupported",
            Self::Disabled => "disabled",
            Self::NotCaptured => "not_captured",
            Self::TimedOut { .. } => "timed_out",
            Self::Query { .. } => "query",
            Self::Decode => "decode",
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
