//! Why a source could not answer, in terms a caller can act on.

use std::time::Duration;

/// Who has to act on an error: it decides whether the whole call fails or one coverage entry is
/// made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The instance cannot be read at all: no other probe will do better.
    Instance,
    /// Only this probe is missing; others may answer.
    Probe,
    /// The call was stopped or ran out of its time.
    Call,
}

/// Why a source could not answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    /// No TCP or socket connection within the time allowed.
    #[error(
        "server cannot be reached ({detail}); check that it runs, its address in the inventory and the network path"
    )]
    Unreachable {
        /// The operating system's words, without addresses.
        detail: String,
    },
    /// The server refused the account.
    #[error(
        "server refused the account ({detail}); check the user and password reference in the inventory"
    )]
    AccessRefused {
        /// The server's error number.
        detail: String,
    },
    /// The credentials the inventory refers to could not be read.
    #[error("credentials could not be read ({detail})")]
    Credentials {
        /// Which reference, never its value.
        detail: String,
    },
    /// The TLS handshake failed.
    #[error(
        "TLS could not be verified ({detail}); set `tls_ca` to the authority that signed the server's certificate, or `tls` to a weaker mode knowingly"
    )]
    Tls {
        /// What did not match.
        detail: String,
    },
    /// `max_connections` is used up and there is no other door.
    #[error(
        "server has no connection left; give the inventory an `admin_port` (MySQL `admin_port`, MariaDB `extra_port`) to look in when this happens"
    )]
    TooManyConnections,
    /// All of our own connections to this instance are busy.
    #[error("all {limit} connections kept for this instance are busy; try again in a moment")]
    Busy {
        /// How many connections are kept at most.
        limit: usize,
    },
    /// Recent attempts failed, so no new one is made for a while.
    #[error("server failed recently ({last}); next attempt in {} s", retry_in.as_secs())]
    CircuitOpen {
        /// When the next attempt will be made.
        retry_in: Duration,
        /// The last failure.
        last: String,
    },
    /// The account lacks a grant.
    #[error("the account may not read {probe}")]
    Denied {
        /// The probe.
        probe: &'static str,
        /// The grants it needs.
        grants: &'static [&'static str],
    },
    /// This flavour or version has no statement for the probe.
    #[error("{server} has no {probe}")]
    Unsupported {
        /// The probe.
        probe: &'static str,
        /// Flavour and version.
        server: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// What the probe reads is switched off.
    #[error("{probe} is switched off on this server")]
    Disabled {
        /// The probe.
        probe: &'static str,
        /// What to enable.
        remedy: &'static str,
    },
    /// A snapshot does not hold this probe.
    #[error("{probe} was not captured in this snapshot")]
    NotCaptured {
        /// The probe.
        probe: &'static str,
    },
    /// The server did not answer in time; the statement was killed there.
    #[error("{probe} did not answer within {} ms", after.as_millis())]
    TimedOut {
        /// The probe.
        probe: &'static str,
        /// How long it was given.
        after: Duration,
    },
    /// The caller cancelled, or the tool's deadline passed.
    #[error("the call was stopped before {probe} answered")]
    Cancelled {
        /// The probe.
        probe: &'static str,
    },
    /// Any other error the server returned.
    #[error("{probe} failed with server error {code}")]
    Query {
        /// The probe.
        probe: &'static str,
        /// The server's error number.
        code: u16,
        /// The server's message: for the log only.
        message: String,
    },
    /// The rows are not what the tool expects.
    #[error("{probe} returned rows of an unexpected shape")]
    Decode {
        /// The probe.
        probe: &'static str,
        /// What did not fit: for the log only.
        detail: String,
    },
}

impl SourceError {
    /// Who has to act.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Unreachable { .. }
            | Self::AccessRefused { .. }
            | Self::Credentials { .. }
            | Self::Tls { .. }
            | Self::TooManyConnections
            | Self::Busy { .. }
            | Self::CircuitOpen { .. } => Blame::Instance,
            Self::Cancelled { .. } => Blame::Call,
            Self::Denied { .. }
            | Self::Unsupported { .. }
            | Self::Disabled { .. }
            | Self::NotCaptured { .. }
            | Self::TimedOut { .. }
            | Self::Query { .. }
            | Self::Decode { .. } => Blame::Probe,
        }
    }

    /// What to do so that the next call can read it; empty where there is nothing to do.
    pub fn remedy(&self) -> String {
        match self {
            Self::Denied { grants, .. } => {
                format!("GRANT {} TO the monitoring account", grants.join(", "))
            }
            Self::Unsupported { remedy, .. } | Self::Disabled { remedy, .. } => {
                (*remedy).to_owned()
            }
            _ => String::new(),
        }
    }

    /// What only the log may hold: the server's own words.
    pub fn internal_detail(&self) -> Option<&str> {
        match self {
            Self::Query { message, .. } => Some(message),
            Self::Decode { detail, .. } => Some(detail),
            _ => None,
        }
    }
}
