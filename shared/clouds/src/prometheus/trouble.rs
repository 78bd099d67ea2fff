//! What can go wrong with a request to a store, without the addresses and tokens of it.

use std::time::Duration;

use storex_sources::MetricsError;

use super::answer;
use super::plain::plain;

const SIGN_IN: &str = "give storex a token or an account of the metrics store that may read: \
    the one under [instance.metrics] of the inventory is missing, wrong or has expired";
const PERMIT: &str = "let storex's account of the metrics store read the instance's series; for a store of \
    several tenants check the tenant's header (X-Scope-OrgID)";
const READ_SECRET: &str =
    "let storex read the file or variable that holds the token or password of the metrics store";

/// Why a request had no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No credential, or one that is not taken.
    SignIn,
    /// Our own secret cannot be read.
    NoSecret,
    /// The credential is good, and this is not permitted.
    Denied,
    /// There is no such interface.
    Missing,
    /// It wants to be left alone for so long.
    Throttled(Duration),
    /// The connection broke, or the store failed: another attempt may do better.
    Cut,
    /// No connection comes about.
    Unreachable,
    /// It did not answer in time.
    Late,
    /// The query asks for more than the store reads.
    TooHeavy(String),
    /// The store does not take the query.
    Refused(String),
    /// The answer is longer than so many bytes.
    TooLong(usize),
    /// It was answered in a way nobody expects.
    Odd(&'static str),
}

impl Trouble {
    /// What the store says of a query, where it says it in the interface's form.
    pub(super) fn of_query(body: &[u8]) -> Option<Self> {
        let aside = answer::complaint(body)?;
        let said = plain(aside.error.as_deref()?);
        Some(match aside.error_type.as_deref() {
            Some("timeout") => Self::Late,
            Some("canceled" | "unavailable" | "internal") => Self::Cut,
            // `exceeded maximum resolution`, `query processing would load too many samples`.
            _ if ["exceeded", "too many", "exceeds", "limit"]
                .iter()
                .any(|word| said.contains(word)) =>
            {
                Self::TooHeavy(said)
            }
            _ => Self::Refused(said),
        })
    }

    /// In terms a caller can act on, after so much time.
    pub(super) fn told(self, after: Duration) -> MetricsError {
        let unreachable = |detail: &str| MetricsError::Unreachable {
            detail: detail.to_owned(),
        };
        let denied = |detail: &str, remedy| MetricsError::Denied {
            detail: detail.to_owned(),
            remedy,
        };
        match self {
            Self::SignIn => denied("401: it does not know who asks", SIGN_IN),
            Self::NoSecret => denied("its token or password cannot be read here", READ_SECRET),
            Self::Denied => denied("403: not permitted", PERMIT),
            Self::Missing => unreachable("there is no Prometheus interface at its address"),
            Self::Throttled(retry_in) => MetricsError::Throttled { retry_in },
            Self::Cut => unreachable("the connection was cut or the store failed, again and again"),
            Self::Unreachable => unreachable("no connection comes about"),
            Self::Late => MetricsError::TimedOut { after },
            Self::TooHeavy(said) => MetricsError::TooMuch {
                what: "what was asked for".to_owned(),
                most: said,
            },
            Self::Refused(detail) => MetricsError::Refused { detail },
            Self::TooLong(most) => MetricsError::TooMuch {
                what: "the store's answer".to_owned(),
                most: format!("{} MB", most >> 20),
            },
            Self::Odd(why) => unreachable(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_query(kind: &str, said: &str) -> Option<Trouble> {
        let body = format!(r#"{{"status":"error","errorType":"{kind}","error":"{said}"}}"#);
        Trouble::of_query(body.as_bytes())
    }

    #[test]
    fn a_stores_words_on_a_query_are_told_apart() {
        assert_eq!(of_query("timeout", "query timed out"), Some(Trouble::Late));
        let heavy = of_query("bad_data", "exceeded maximum resolution of 11,000 points");
        assert!(matches!(heavy, Some(Trouble::TooHeavy(_))));
        let bad = of_query("bad_data", "parse error\\u001b[31m");
        assert_eq!(bad, Some(Trouble::Refused("parse error [31m".to_owned())));
        assert_eq!(Trouble::of_query(b"<html>"), None);
    }
}
