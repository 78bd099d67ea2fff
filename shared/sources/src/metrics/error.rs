//! Why metrics could not be read, in terms a caller can act on.

use std::time::Duration;

use crate::Blame;

/// Why metrics could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MetricsError {
    /// The inventory names no store and no history is kept.
    #[error("the inventory names no metrics store for this instance, and no history of it is kept")]
    NotConfigured,
    /// They are in a cloud that this build leaves out.
    #[error("this build of storex cannot read metrics from {cloud}")]
    NotBuilt {
        /// The cloud, as its feature is called.
        cloud: &'static str,
    },
    /// What the inventory says of the store is of no use.
    #[error("the metrics store cannot be used: {detail}")]
    Unusable {
        /// What is wrong, without addresses or secrets.
        detail: String,
    },
    /// The store has no series of this instance.
    #[error("the metrics store has no series of this instance")]
    NoSeries {
        /// What to check.
        remedy: &'static str,
    },
    /// The store refused us.
    #[error("the metrics store refused storex ({detail})")]
    Denied {
        /// Its status, without addresses or tokens.
        detail: String,
        /// What to permit.
        remedy: &'static str,
    },
    /// The store does not take the query.
    #[error("the metrics store does not take the query: {detail}")]
    Refused {
        /// What it said of it, cleaned.
        detail: String,
    },
    /// More was asked for than we or the store allow.
    #[error("{what} is more than is read at once ({most})")]
    TooMuch {
        /// What was asked for: `10081 points a series`.
        what: String,
        /// The bound.
        most: String,
    },
    /// The store has no query language of its own.
    #[error("{store} takes no queries; name series instead")]
    NoLanguage {
        /// The store.
        store: &'static str,
    },
    /// The store wants us to slow down.
    #[error("the metrics store asks to be left alone for {} s", retry_in.as_secs())]
    Throttled {
        /// When the next attempt makes sense.
        retry_in: Duration,
    },
    /// The store does not answer.
    #[error("the metrics store cannot be reached ({detail})")]
    Unreachable {
        /// In a few words, without addresses.
        detail: String,
    },
    /// The store did not answer in time.
    #[error("the metrics store did not answer within {} s", after.as_secs())]
    TimedOut {
        /// How long it was given.
        after: Duration,
    },
    /// A snapshot does not hold metrics, or not these.
    #[error("metrics were not captured in this snapshot")]
    NotCaptured,
    /// The caller cancelled, or the tool's deadline passed.
    #[error("the call was stopped before the metrics were read")]
    Cancelled,
    /// Any other error of the store.
    #[error("the metrics store failed")]
    Failed {
        /// What happened: for the log only.
        detail: String,
    },
}

impl MetricsError {
    /// Who has to act. Metrics are one source among several, so what keeps them from being read leaves
    /// the rest of an answer alone.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Cancelled => Blame::Call,
            _ => Blame::Probe,
        }
    }

    /// What to do so that the next call can read them; empty where there is nothing to do.
    pub fn remedy(&self) -> String {
        match self {
            Self::NotConfigured => {
                "name the store under [instance.metrics] of the inventory".to_owned()
            }
            Self::NotBuilt { cloud } => {
                format!("use a build of storex with the feature `{cloud}`")
            }
            Self::Unusable { .. } => "correct [instance.metrics] of the inventory".to_owned(),
            Self::NoSeries { remedy } | Self::Denied { remedy, .. } => (*remedy).to_owned(),
            Self::TooMuch { .. } => {
                "ask for a shorter range, a longer step or fewer series".to_owned()
            }
            Self::Unreachable { .. } => {
                "check the metrics store's address and the network path".to_owned()
            }
            Self::NotCaptured => "record it with `storex record --metrics HOURS`".to_owned(),
            _ => String::new(),
        }
    }

    /// What only the log may hold.
    pub fn internal_detail(&self) -> Option<&str> {
        match self {
            Self::Failed { detail } => Some(detail),
            _ => None,
        }
    }
}
