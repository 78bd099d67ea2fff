//! An error with two audiences: the caller, who is told what to do next, and the log.

use std::time::Duration;

use serde::Serialize;
use storex_sources::{Blame, LogError, MetricsError, SourceError};

use crate::Untrusted;

/// What kind of error it is; stable, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The arguments are wrong.
    BadInput,
    /// There is no such tool, or the caller may not know of it; told as a protocol error.
    UnknownTool,
    /// There is no such resource, or the caller may not know of it.
    NotFound,
    /// The caller sees the resource but may not do this.
    Denied,
    /// The instance cannot be read at all.
    Unreachable,
    /// Too many calls at once.
    Busy,
    /// The tool's deadline passed.
    TimedOut,
    /// The caller cancelled.
    Cancelled,
    /// A required read is missing.
    Unavailable,
    /// No audit record could be written, so nothing was run.
    NotAudited,
    /// Our own fault.
    Internal,
}

impl Code {
    /// Its name, as it is serialized.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadInput => "bad_input",
            Self::UnknownTool => "unknown_tool",
            Self::NotFound => "not_found",
            Self::Denied => "denied",
            Self::Unreachable => "unreachable",
            Self::Busy => "busy",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
            Self::NotAudited => "not_audited",
            Self::Internal => "internal",
        }
    }
}

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ToolError {
    /// The kind.
    pub code: Code,
    /// For the caller: what happened and what to do next. Never says more than the caller may know.
    pub message: String,
    /// For the log only.
    pub internal: Option<String>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
}

impl ToolError {
    /// An error for the caller.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            internal: None,
            retry_after: None,
        }
    }

    /// Adds what only the log may hold.
    #[must_use]
    pub fn internally(mut self, detail: impl Into<String>) -> Self {
        self.internal = Some(detail.into());
        self
    }

    /// Adds when trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The arguments are wrong.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(Code::BadInput, message)
    }

    /// Our own fault; the caller learns nothing of the inside.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(
            Code::Internal,
            "storex failed inside; the log of this server says how",
        )
        .internally(detail)
    }

    /// What a source says, with what to do about it.
    fn of_source(
        code: Code,
        error: &dyn std::fmt::Display,
        remedy: &str,
        internal: Option<String>,
        retry_after: Option<Duration>,
    ) -> Self {
        let message = if remedy.is_empty() {
            error.to_string()
        } else {
            format!("{error}; {remedy}")
        };
        Self {
            code,
            message,
            internal,
            retry_after,
        }
    }
}

impl From<SourceError> for ToolError {
    fn from(error: SourceError) -> Self {
        let code = match (&error, error.blame()) {
            (SourceError::Busy { .. }, _) => Code::Busy,
            (SourceError::TimedOut { .. }, _) => Code::TimedOut,
            (_, Blame::Instance) => Code::Unreachable,
            (_, Blame::Call) => Code::Cancelled,
            (_, Blame::Probe) => Code::Unavailable,
        };
        let retry_after = match &error {
            SourceError::CircuitOpen { retry_in, .. } => Some(*retry_in),
            SourceError::Busy { .. } => Some(Duration::from_millis(500)),
            _ => None,
        };
        let internal = error.internal_detail().map(str::to_owned);
        Self::of_source(code, &error, &error.remedy(), internal, retry_after)
    }
}

impl From<LogError> for ToolError {
    fn from(error: LogError) -> Self {
        let code = match (&error, error.blame()) {
            (LogError::Throttled { .. }, _) => Code::Busy,
            (_, Blame::Call) => Code::Cancelled,
            _ => Code::Unavailable,
        };
        let retry_after = match &error {
            LogError::Throttled { retry_in } => Some(*retry_in),
            _ => None,
        };
        let internal = error.internal_detail().map(str::to_owned);
        Self::of_source(code, &error, &error.remedy(), internal, retry_after)
    }
}

/// What the store says of a query it does not take is marked.
impl From<MetricsError> for ToolError {
    fn from(error: MetricsError) -> Self {
        let code = match (&error, error.blame()) {
            (MetricsError::Throttled { .. }, _) => Code::Busy,
            (MetricsError::TimedOut { .. }, _) => Code::TimedOut,
            (
                MetricsError::Refused { .. }
                | MetricsError::TooMuch { .. }
                | MetricsError::NoLanguage { .. },
                _,
            ) => Code::BadInput,
            (_, Blame::Call) => Code::Cancelled,
            _ => Code::Unavailable,
        };
        let retry_after = match &error {
            MetricsError::Throttled { retry_in } => Some(*retry_in),
            _ => None,
        };
        let internal = error.internal_detail().map(str::to_owned);
        let remedy = error.remedy();
        Self::of_source(code, &told(error), &remedy, internal, retry_after)
    }
}

/// An error of a metrics store in words for the caller, with the store's own words marked.
pub(crate) fn told(mut error: MetricsError) -> String {
    if let MetricsError::Refused { detail }
    | MetricsError::Denied { detail, .. }
    | MetricsError::Unreachable { detail } = &mut error
    {
        *detail = Untrusted::text(detail, 300).to_string();
    }
    error.to_string()
}
