//! A circuit breaker per instance: after repeated failures it refuses attempts for a growing time,
//! then lets a single one through. Refused credentials open it at once, so that no account gets
//! locked by our retries.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use storex_sources::SourceError;
use tokio::time::Instant;

/// Failures in a row before the circuit opens.
const TOLERATED: u32 = 3;
/// The first pause, doubled at every further failure.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The first pause after refused credentials, doubled likewise.
const FIRST_REFUSED_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause after refused credentials: a person is needed to mend these.
const LONGEST_REFUSED_PAUSE: Duration = Duration::from_secs(60);

/// What the breaker does with the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Attempts are made.
    Closed,
    /// Attempts are refused for this long.
    Open {
        /// When the next attempt will be let through.
        retry_in: Duration,
    },
    /// One attempt is under way; others are refused until it ends.
    Trying,
}

/// The breaker of one instance.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Failures in a row.
    failures: u32,
    /// No attempt before this time.
    open_until: Option<Instant>,
    /// An attempt is under way while open.
    trying: bool,
    last: Option<SourceError>,
    /// The login the server refused, as a keyed hash.
    refused_login: Option<u64>,
    hasher: RandomState,
}

/// Leave to try once. Dropped without an outcome (the caller went away), it counts as neither.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    breaker: &'a Breaker,
    login: u64,
    probing: bool,
}

impl Breaker {
    /// Leave to try with `login`, or how long to wait. Another login than the one refused is let
    /// through at once.
    pub(crate) fn attempt(&self, login: &impl std::hash::Hash) -> Result<Attempt<'_>, SourceError> {
        let mut inner = self.lock();
        let login = inner.hasher.hash_one(login);
        if inner.refused_login.is_some_and(|refused| refused != login) {
            inner.reset();
        }
        let probing = match inner.state() {
            BreakerState::Closed => inner.open_until.is_some(),
            BreakerState::Open { retry_in } => return Err(inner.refusal(retry_in)),
            BreakerState::Trying => return Err(inner.refusal(FIRST_PAUSE)),
        };
        inner.trying = probing;
        Ok(Attempt {
            breaker: self,
            login,
            probing,
        })
    }

    /// A failure seen outside an attempt: a connection broke while it was read.
    pub(crate) fn failed(&self, error: &SourceError) {
        self.lock().fail(error, None);
    }

    /// The instance answered a read.
    pub(crate) fn succeeded(&self) {
        self.lock().reset();
    }

    /// What the next attempt would meet.
    pub(crate) fn state(&self) -> BreakerState {
        self.lock().state()
    }

    /// The failure last seen, until the instance answers again.
    pub(crate) fn last_error(&self) -> Option<SourceError> {
        self.lock().last.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// Records that the attempt failed.
    pub(crate) fn failed(self, error: &SourceError) {
        self.breaker.lock().fail(error, Some(self.login));
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.probing {
            self.breaker.lock().trying = false;
        }
    }
}

impl Inner {
    /// A circuit whose pause has passed counts as closed for one attempt.
    fn state(&self) -> BreakerState {
        if self.trying {
            return BreakerState::Trying;
        }
        let Some(until) = self.open_until else {
            return BreakerState::Closed;
        };
        let retry_in = until.saturating_duration_since(Instant::now());
        if retry_in.is_zero() {
            BreakerState::Closed
        } else {
            BreakerState::Open { retry_in }
        }
    }

    fn refusal(&self, retry_in: Duration) -> SourceError {
        SourceError::CircuitOpen {
            retry_in,
            last: self.last.as_ref().map_or_else(String::new, reason),
        }
    }

    fn fail(&mut self, error: &SourceError, login: Option<u64>) {
        let refused = matches!(error, SourceError::AccessRefused { .. });
        self.failures = self.failures.saturating_add(1);
        self.last = Some(error.clone());
        self.refused_login = login.filter(|_| refused);
        let pause = if refused {
            Some(pause(
                FIRST_REFUSED_PAUSE,
                LONGEST_REFUSED_PAUSE,
                self.failures - 1,
            ))
        } else {
            let beyond = self.failures.checked_sub(TOLERATED);
            beyond.map(|n| self.jitter(pause(FIRST_PAUSE, LONGEST_PAUSE, n)))
        };
        self.open_until = pause.map(|pause| Instant::now() + pause);
    }

    fn reset(&mut self) {
        self.failures = 0;
        self.open_until = None;
        self.trying = false;
        self.last = None;
        self.refused_login = None;
    }

    /// Between half and all of `pause`, so that many processes do not return at the same moment.
    fn jitter(&self, pause: Duration) -> Duration {
        let random = self
            .hasher
            .hash_one((self.failures, self.last.is_some(), pause));
        pause / 2 + (pause / 2).mul_f64((random % 1024) as f64 / 1024.0)
    }
}

/// `first`, doubled `times`, at most `longest`.
fn pause(first: Duration, longest: Duration, times: u32) -> Duration {
    first
        .saturating_mul(1_u32.checked_shl(times.min(31)).unwrap_or(u32::MAX))
        .min(longest)
}

/// A failure in a few words, without the advice its own message gives.
pub(crate) fn reason(error: &SourceError) -> String {
    let text = error.to_string();
    let end = text.find(';').unwrap_or(text.len());
    text.get(..end).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable() -> SourceError {
        SourceError::Unreachable {
            detail: "connection refused".into(),
        }
    }

    fn refused() -> SourceError {
        SourceError::AccessRefused {
            detail: "server error 1045".into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_three_failures_and_lets_one_attempt_through_after_the_pause() {
        let breaker = Breaker::default();
        for _ in 0..TOLERATED {
            breaker.attempt(&"login").unwrap().failed(&unreachable());
        }
        let refusal = breaker.attempt(&"login").unwrap_err();
        assert!(
            refusal.to_string().contains("connection refused"),
            "{refusal}"
        );
        assert!(!refusal.to_string().contains("check that"), "{refusal}");

        tokio::time::advance(FIRST_PAUSE).await;
        let single = breaker.attempt(&"login").unwrap();
        assert!(
            breaker.attempt(&"login").is_err(),
            "a second attempt at a time"
        );
        assert_eq!(breaker.state(), BreakerState::Trying);
        single.failed(&unreachable());
        assert!(breaker.attempt(&"login").is_err());

        tokio::time::advance(FIRST_PAUSE * 2).await;
        drop(breaker.attempt(&"login").unwrap());
        let attempt = breaker.attempt(&"login");
        assert!(attempt.is_ok(), "an abandoned attempt blocks nobody");
        breaker.succeeded();
        drop(attempt);
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert!(breaker.last_error().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_their_cap() {
        let breaker = Breaker::default();
        let mut longest = Duration::ZERO;
        for _ in 0..20 {
            breaker.failed(&unreachable());
            if let BreakerState::Open { retry_in } = breaker.state() {
                longest = longest.max(retry_in);
            }
        }
        assert!(longest <= LONGEST_PAUSE, "{longest:?}");
        assert!(longest >= LONGEST_PAUSE / 2, "{longest:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn refused_credentials_wait_ten_seconds_unless_they_change() {
        let breaker = Breaker::default();
        breaker.attempt(&"old").unwrap().failed(&refused());
        tokio::time::advance(Duration::from_millis(9_900)).await;
        assert!(breaker.attempt(&"old").is_err());
        assert!(
            breaker.attempt(&"new").is_ok(),
            "a rotated secret is tried at once"
        );
        breaker.attempt(&"old").unwrap().failed(&refused());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(breaker.attempt(&"old").is_ok());
    }
}
