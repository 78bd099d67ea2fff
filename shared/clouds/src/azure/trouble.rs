//! What can go wrong with a request to Azure, without the addresses, tokens and texts of it.

use std::time::{Duration, Instant};

use storex_sources::{LogError, LogKind, LogName};

/// Longer than this nobody waits to be let in again.
const PATIENCE: Duration = Duration::from_secs(30);

const SIGN_IN: &str = "sign storex in to Azure: give it a workload identity or a managed identity, set \
    AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run `az login` as the user it runs as";

/// What is asked, which decides who has to permit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The management API: which log files a server has.
    Management,
    /// The log files themselves, by addresses that carry their own signature.
    Files,
    /// The storage account diagnostic settings write to.
    Storage,
}

impl Asked {
    const fn remedy(self) -> &'static str {
        match self {
            Self::Management => {
                "give storex's identity in Azure the role Reader on the server, or one with \
                 Microsoft.DBforMySQL/flexibleServers/logFiles/read"
            }
            Self::Files => {
                "let this machine reach the storage of the server's log files: it refuses the address \
                 the management API gave for them"
            }
            Self::Storage => {
                "give storex's identity in Azure the role Storage Blob Data Reader on the container \
                 insights-logs-mysqlslowlogs, and let this machine through the account's firewall"
            }
        }
    }
}

/// Why a request had no answer that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No credential, or one that is not taken.
    SignIn,
    /// The credential is good, and this is not permitted.
    Denied,
    /// Nothing is there.
    Missing,
    /// It wants to be left alone for so long.
    Throttled(Duration),
    /// The connection broke, or the service failed: another attempt may do better.
    Cut,
    /// No connection comes about.
    Unreachable(&'static str),
    /// It was answered in a way nobody expects.
    Odd(&'static str),
}

impl Trouble {
    /// For a log as a whole.
    pub(super) fn of_log(self, kind: LogKind, asked: Asked, deadline: Instant) -> LogError {
        match self {
            Self::SignIn => LogError::Denied {
                kind,
                remedy: SIGN_IN,
            },
            Self::Denied => LogError::Denied {
                kind,
                remedy: asked.remedy(),
            },
            Self::Missing => LogError::NotFound { kind },
            Self::Throttled(retry_in) => throttled(retry_in, deadline),
            Self::Cut => LogError::Unreachable {
                detail: "the connection was cut again and again".to_owned(),
            },
            Self::Unreachable(why) | Self::Odd(why) => LogError::Unreachable {
                detail: why.to_owned(),
            },
        }
    }

    /// For a file of which `at` bytes were handed out.
    pub(super) fn of_file(
        self,
        kind: LogKind,
        file: &LogName,
        at: u64,
        asked: Asked,
        deadline: Instant,
    ) -> LogError {
        let file = file.clone();
        match self {
            Self::Missing => LogError::Rotated { file },
            Self::Cut => LogError::Cut { file, at },
            Self::Odd(why) => LogError::Failed {
                file,
                detail: why.to_owned(),
            },
            other => other.of_log(kind, asked, deadline),
        }
    }
}

/// Where waiting would outlast the call, what can be had without it counts.
fn throttled(retry_in: Duration, deadline: Instant) -> LogError {
    let left = deadline.saturating_duration_since(Instant::now());
    if retry_in > PATIENCE || retry_in >= left {
        let seconds = retry_in.as_secs();
        return LogError::Unreachable {
            detail: format!("it asks to be left alone for {seconds} s"),
        };
    }
    LogError::Throttled { retry_in }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_much_is_waited_for_as_long_as_the_call_may_take() {
        let deadline = Instant::now() + Duration::from_secs(20);
        let told = |seconds| {
            Trouble::Throttled(Duration::from_secs(seconds)).of_log(
                LogKind::Slow,
                Asked::Storage,
                deadline,
            )
        };
        assert!(matches!(told(3), LogError::Throttled { retry_in } if retry_in.as_secs() == 3));
        for seconds in [25, 300] {
            assert!(
                matches!(told(seconds), LogError::Unreachable { .. }),
                "{seconds}"
            );
        }
    }
}
