//! Clients of AWS's own SDK, one set for all instances of a region: they share connections and
//! credentials.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use tokio::sync::OnceCell;

use super::body::CleanXml;

/// Attempts of the SDK's own at a call. What it gives up on is tried again, with the call's deadline in
/// view, by whoever reads.
const ATTEMPTS: u32 = 3;
const BACK_OFF: Duration = Duration::from_millis(200);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(5);
/// One attempt: a portion of 1 MB over a slow line.
const ATTEMPT: Duration = Duration::from_secs(20);
/// A call with all its attempts.
const CALL: Duration = Duration::from_secs(45);

/// What tells one set of clients from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Access {
    pub(super) region: String,
    pub(super) profile: Option<String>,
    pub(super) credentials_file: Option<PathBuf>,
    pub(super) endpoint: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Clients {
    pub(super) rds: aws_sdk_rds::Client,
    pub(super) logs: aws_sdk_cloudwatchlogs::Client,
}

/// What tells a file of credentials from the one it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    length: u64,
    modified: Option<SystemTime>,
}

/// By access, for the file of credentials as it is now.
type Shared = Mutex<HashMap<Access, (Option<Written>, Arc<OnceCell<Clients>>)>>;

impl Access {
    /// The clients. Nothing is sent: credentials are sought by the first call.
    pub(super) async fn clients(&self) -> Clients {
        static SHARED: LazyLock<Shared> = LazyLock::new(Mutex::default);
        let written = match &self.credentials_file {
            // A file that is not there is told of by the first call.
            Some(path) => tokio::fs::metadata(path).await.ok().map(|file| Written {
                length: file.len(),
                modified: file.modified().ok(),
            }),
            None => None,
        };
        let cell = {
            let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = shared.entry(self.clone()).or_default();
            if kept.0 != written {
                *kept = (written, Arc::default());
            }
            Arc::clone(&kept.1)
        };
        cell.get_or_init(|| self.load()).await.clone()
    }

    async fn load(&self) -> Clients {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(BACK_OFF)
            .with_max_backoff(LONGEST_BACK_OFF);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .retry_config(retries)
            .timeout_config(timeouts);
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(path) = &self.credentials_file {
            let files = EnvConfigFiles::builder()
                .with_file(EnvConfigFileKind::Credentials, path)
                .build();
            let mut provider = ProfileFileCredentialsProvider::builder().profile_files(files);
            if let Some(profile) = &self.profile {
                provider = provider.profile_name(profile);
            }
            loader = loader.credentials_provider(provider.build());
        }
        let config = loader.load().await;
        let mut rds = aws_sdk_rds::config::Builder::from(&config).interceptor(CleanXml);
        let mut logs = aws_sdk_cloudwatchlogs::config::Builder::from(&config);
        // Set for these services only: credentials come from where they always do.
        if let Some(endpoint) = &self.endpoint {
            rds = rds.endpoint_url(endpoint);
            logs = logs.endpoint_url(endpoint);
        }
        Clients {
            rds: aws_sdk_rds::Client::from_conf(rds.build()),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs.build()),
        }
    }
}
