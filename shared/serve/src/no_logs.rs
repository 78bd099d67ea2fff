//! The logs of an instance that has none we know of: every look at them says so.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_sources::{
    Limits, LogError, LogFile, LogKind, LogListing, LogRange, LogStream, Logs, LogsSource,
    wall_clock,
};

/// Why there are none.
#[derive(Clone, Copy)]
pub(crate) enum NoLogs {
    /// The inventory does not name any.
    NotConfigured,
    /// They are in a cloud that this build leaves out.
    #[cfg_attr(
        all(feature = "aws", feature = "azure", feature = "google"),
        expect(dead_code, reason = "of builds that leave a cloud out")
    )]
    LeftOut {
        /// The cloud, as its feature is called.
        cloud: &'static str,
    },
    /// The snapshot cannot be opened.
    NotCaptured,
}

impl NoLogs {
    fn error(self, kind: LogKind) -> LogError {
        match self {
            Self::NotConfigured => LogError::NotConfigured { kind },
            Self::LeftOut { cloud } => LogError::NotBuilt { cloud },
            Self::NotCaptured => LogError::NotCaptured { kind },
        }
    }
}

impl LogsSource for NoLogs {
    fn open(&self, _limits: Limits) -> Box<dyn Logs> {
        Box::new(*self)
    }

    fn kind(&self) -> &'static str {
        "none"
    }
}

#[async_trait]
impl Logs for NoLogs {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        Err(self.error(kind))
    }

    async fn read(&self, file: &LogFile, _: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        Err(self.error(file.kind))
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    async fn pause(&self, _: Duration) -> Result<(), LogError> {
        Ok(())
    }
}
