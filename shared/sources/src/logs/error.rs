//! Why logs could not be read, in terms a caller can act on.

use std::time::Duration;

use super::{LogKind, LogName};
use crate::Blame;

/// Why logs could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// The inventory does not say where they are.
    #[error("the inventory does not say where this instance's {kind} log is")]
    NotConfigured {
        /// Which log.
        kind: LogKind,
    },
    /// They are in a cloud that this build leaves out.
    #[error("this build of storex cannot read logs from {cloud}")]
    NotBuilt {
        /// The cloud, as its feature is called.
        cloud: &'static str,
    },
    /// Nothing is where the inventory points.
    #[error("no {kind} log is where the inventory points")]
    NotFound {
        /// Which log.
        kind: LogKind,
    },
    /// It is there and this user may not read it.
    #[error("storex may not read the {kind} log")]
    Denied {
        /// Which log.
        kind: LogKind,
        /// What to permit.
        remedy: &'static str,
    },
    /// The log store wants us to slow down.
    #[error("the log store asks to be left alone for {} s", retry_in.as_secs())]
    Throttled {
        /// When the next attempt makes sense.
        retry_in: Duration,
    },
    /// The file was rotated while it was read, and what it became could not be found.
    #[error("{file} was rotated away before it was read to its end")]
    Rotated {
        /// The file.
        file: LogName,
    },
    /// The connection broke; reading can go on where it did.
    #[error("the connection to the log store was cut after {at} bytes of {file}")]
    Cut {
        /// The file.
        file: LogName,
        /// Where to go on: the offset of the first byte that was not handed out.
        at: u64,
    },
    /// The log store does not answer.
    #[error("the log store cannot be reached ({detail})")]
    Unreachable {
        /// In a few words, without addresses.
        detail: String,
    },
    /// A compressed file that is not whole or is none.
    #[error("{file} is damaged after {at} bytes: it is no whole {compression} file")]
    Damaged {
        /// The file.
        file: LogName,
        /// What it should be.
        compression: &'static str,
        /// Bytes that could be read of it.
        at: u64,
    },
    /// A snapshot does not hold this log.
    #[error("the {kind} log was not captured in this snapshot")]
    NotCaptured {
        /// Which log.
        kind: LogKind,
    },
    /// The caller cancelled, or the tool's deadline passed.
    #[error("the call was stopped before the log was read")]
    Cancelled,
    /// Any other error of the operating system or the log store.
    #[error("{file} could not be read")]
    Failed {
        /// The file.
        file: LogName,
        /// What happened: for the log only.
        detail: String,
    },
}

impl LogError {
    /// Who has to act. Logs are one source among several, so what keeps them from being read leaves the
    /// rest of an answer alone.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Cancelled => Blame::Call,
            _ => Blame::Probe,
        }
    }

    /// What to do so that the next call can read it; empty where there is nothing to do.
    pub fn remedy(&self) -> String {
        match self {
            Self::NotConfigured { kind } => {
                format!(
                    "add `{kind} = \"/path/to/the/log\"` under [instance.logs] of the inventory"
                )
            }
            Self::NotFound { kind } => format!(
                "check where [instance.logs] of the inventory says the {kind} log is, and that the server writes it"
            ),
            Self::NotBuilt { cloud } => {
                format!("use a build of storex with the feature `{cloud}`")
            }
            Self::Denied { remedy, .. } => (*remedy).to_owned(),
            Self::Unreachable { .. } => {
                "check the log store's address and the network path".to_owned()
            }
            Self::NotCaptured { .. } => {
                "record it with `storex record --logs MINUTES`, which keeps the logs' literals"
                    .to_owned()
            }
            _ => String::new(),
        }
    }

    /// What only the log may hold.
    pub fn internal_detail(&self) -> Option<&str> {
        match self {
            Self::Failed { detail, .. } => Some(detail),
            _ => None,
        }
    }
}
