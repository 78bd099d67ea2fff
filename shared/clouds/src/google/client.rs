//! Cloud Storage through Google's own crate: listing is gRPC, reading is REST. Its types, and what its
//! errors say, go no further than this file.

use std::time::Duration;

use bytes::Bytes;
use google_cloud_auth::credentials::{Credentials, anonymous};
use google_cloud_gax::client_builder::Error as BuildError;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::exponential_backoff::ExponentialBackoffBuilder;
use google_cloud_gax::retry_policy::{NeverRetry, RetryPolicyExt};
use google_cloud_storage::client::{Storage, StorageControl};
use google_cloud_storage::model::Object as StoredObject;
use google_cloud_storage::model_ext::ReadRange;
use google_cloud_storage::read_object::ReadObjectResponse;
use google_cloud_storage::read_resume_policy::NeverResume;
use google_cloud_storage::retry_policy::RetryableErrors;
use jiff::Timestamp;
use storex_fleet::GoogleLogs;
use storex_sources::{LogError, LogKind};
use tokio::sync::OnceCell;

use super::names::{self, Hour};

/// A page of a listing is tried again for so long.
const LIST_RETRIES: Duration = Duration::from_secs(8);
/// One attempt to get a page takes at most so long.
const LIST_ATTEMPT: Duration = Duration::from_secs(5);
/// When the store asks for less and does not say when to come again.
const THROTTLED: Duration = Duration::from_millis(500);

const NOT_PERMITTED: &str = "grant the account storex runs as roles/storage.objectViewer on the bucket (storage.objects.list and storage.objects.get)";
const NO_CREDENTIALS: &str = "give storex Google's application default credentials: a service account to run as, or GOOGLE_APPLICATION_CREDENTIALS with a file of them";

/// The store of one instance's logs. Connections are made when they are first needed.
#[derive(Debug)]
pub(super) struct Store {
    bucket: String,
    endpoint: Option<String>,
    clients: OnceCell<Clients>,
}

#[derive(Debug)]
struct Clients {
    reads: Storage,
    lists: StorageControl,
}

/// One version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) generation: i64,
}

/// An object as it is listed.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) object: Object,
    pub(super) size_bytes: u64,
    pub(super) modified_at: Option<Timestamp>,
}

/// The bytes of an object, as they come.
pub(super) struct Body(ReadObjectResponse);

/// Why an object could not be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another attempt may do better.
    Cut,
    /// Another attempt may do better later.
    Throttled(Duration),
    /// This version of it is gone.
    Gone,
    Denied(&'static str),
    /// What came is not what was stored.
    Damaged,
    Unreachable,
    Failed(String),
}

impl Object {
    /// What tells this version of it from others.
    pub(super) fn id(&self) -> String {
        format!("{}#{}", self.name, self.generation)
    }

    pub(super) fn of_id(id: &str) -> Option<Self> {
        let (name, generation) = id.rsplit_once('#')?;
        Some(Self {
            name: name.to_owned(),
            generation: generation.parse().ok()?,
        })
    }
}

impl Store {
    pub(super) fn new(logs: &GoogleLogs) -> Self {
        Self {
            bucket: format!("projects/_/buckets/{}", logs.bucket),
            endpoint: logs.endpoint.clone(),
            clients: OnceCell::new(),
        }
    }

    /// The objects of a log from an hour on, in the order of their names, and whether there are more
    /// than `page.1`; `page.0` of them are asked for at a time.
    pub(super) async fn list(
        &self,
        kind: LogKind,
        since: Hour,
        (page_objects, most): (i32, usize),
    ) -> Result<(Vec<Listed>, bool), LogError> {
        let clients = self.clients().await.map_err(|error| error.of_log(kind))?;
        let mut listed = Vec::new();
        let mut token = String::new();
        loop {
            let page = clients
                .lists
                .list_objects()
                .set_parent(&self.bucket)
                .set_prefix(names::prefix(kind))
                .set_lexicographic_start(names::first(kind, since))
                .set_page_size(page_objects)
                .set_page_token(token);
            let page = page.send().await;
            let page = page.map_err(|error| Trouble::of(&error).of_log(kind))?;
            listed.extend(page.objects.into_iter().map(listed_object));
            token = page.next_page_token;
            if token.is_empty() || listed.len() >= most {
                let more = !token.is_empty() || listed.len() > most;
                listed.truncate(most);
                return Ok((listed, more));
            }
        }
    }

    /// Opens an object at an offset.
    pub(super) async fn open(&self, object: &Object, from: u64) -> Result<Body, Trouble> {
        let clients = self.clients().await?;
        let mut read = clients
            .reads
            .read_object(&self.bucket, &object.name)
            .set_generation(object.generation);
        if from > 0 {
            read = read.set_read_range(ReadRange::offset(from));
        }
        let opened = read.send().await;
        opened.map(Body).map_err(|error| Trouble::of(&error))
    }

    async fn clients(&self) -> Result<&Clients, Trouble> {
        let made = self.clients.get_or_try_init(|| self.connect()).await;
        made.map_err(|error| {
            if error.is_default_credentials() {
                Trouble::Denied(NO_CREDENTIALS)
            } else {
                Trouble::Unreachable
            }
        })
    }

    async fn connect(&self) -> Result<Clients, BuildError> {
        let mut reads = Storage::builder()
            // Whoever reads tries again and goes on where it stopped.
            .with_retry_policy(NeverRetry)
            .with_read_resume_policy(NeverResume);
        let backoff = ExponentialBackoffBuilder::new()
            .with_initial_delay(Duration::from_millis(100))
            .with_maximum_delay(Duration::from_secs(2))
            .clamp();
        let retry = RetryableErrors
            .with_time_limit(LIST_RETRIES)
            .with_attempt_limit(5);
        let mut lists = StorageControl::builder()
            .with_retry_policy(retry)
            .with_backoff_policy(backoff)
            .with_attempt_timeout(LIST_ATTEMPT);
        if let Some(endpoint) = &self.endpoint {
            reads = reads.with_endpoint(endpoint);
            lists = lists.with_endpoint(endpoint);
            if endpoint.starts_with("http://") {
                let nobody: Credentials = anonymous::Builder::new().build();
                reads = reads.with_credentials(nobody.clone());
                lists = lists.with_credentials(nobody);
            }
        }
        let (reads, lists) = (reads.build().await?, lists.build().await?);
        Ok(Clients { reads, lists })
    }
}

impl Body {
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Trouble> {
        let next = self.0.next().await.transpose();
        next.map_err(|error| Trouble::of(&error))
    }
}

fn listed_object(object: StoredObject) -> Listed {
    let modified = object.update_time.or(object.create_time);
    let modified_at = modified.and_then(|time| Timestamp::new(time.seconds(), time.nanos()).ok());
    Listed {
        size_bytes: u64::try_from(object.size).unwrap_or(0),
        modified_at,
        object: Object {
            name: object.name,
            generation: object.generation,
        },
    }
}

impl Trouble {
    fn of(error: &Error) -> Self {
        if error.is_authentication() {
            return Self::Denied(NO_CREDENTIALS);
        }
        if let Some(status) = error.http_status_code() {
            return match status {
                401 | 403 => Self::Denied(NOT_PERMITTED),
                404 | 410 | 412 => Self::Gone,
                408 | 429 | 500..600 => Self::Throttled(retry_after(error).unwrap_or(THROTTLED)),
                _ => Self::Failed(format!("the store answered {status}")),
            };
        }
        if let Some(status) = error.status() {
            return match status.code {
                Code::PermissionDenied | Code::Unauthenticated => Self::Denied(NOT_PERMITTED),
                Code::NotFound => Self::Gone,
                Code::ResourceExhausted => Self::Throttled(THROTTLED),
                Code::Unavailable | Code::DeadlineExceeded => Self::Unreachable,
                other => Self::Failed(format!("the store answered {}", other.name())),
            };
        }
        if error.is_io() || error.is_timeout() || error.is_transport() || error.is_connect() {
            return Self::Cut;
        }
        if error.is_exhausted() {
            return Self::Unreachable;
        }
        if error.is_deserialization() {
            return Self::Damaged;
        }
        Self::Failed("the request could not be made".to_owned())
    }

    /// The same, of a log as a whole.
    fn of_log(self, kind: LogKind) -> LogError {
        match self {
            Self::Denied(remedy) => LogError::Denied { kind, remedy },
            Self::Gone => LogError::NotFound { kind },
            Self::Throttled(retry_in) => LogError::Throttled { retry_in },
            Self::Failed(detail) => LogError::Unreachable { detail },
            Self::Damaged => LogError::Unreachable {
                detail: "what came could not be read".to_owned(),
            },
            Self::Cut | Self::Unreachable => LogError::Unreachable {
                detail: "it does not answer".to_owned(),
            },
        }
    }
}

/// When the store says in whole seconds when to come again.
fn retry_after(error: &Error) -> Option<Duration> {
    let seconds = error.http_headers()?.get("retry-after")?.to_str().ok()?;
    let seconds: u64 = seconds.parse().ok()?;
    Some(Duration::from_secs(seconds.min(30)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_a_version_of_an_object() {
        let object = Object {
            name: "a/b#c_S0.json".to_owned(),
            generation: 17,
        };
        assert_eq!(Object::of_id(&object.id()), Some(object));
        assert_eq!(Object::of_id("a/b_S0.json"), None);
    }
}
