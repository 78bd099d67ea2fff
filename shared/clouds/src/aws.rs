//! Logs of servers of Amazon RDS and Aurora: files on the database host through the API of RDS, or what
//! is exported to CloudWatch Logs.
//!
//! No type of AWS's SDK leaves this module.

mod body;
mod checkpoints;
mod clients;
mod cloudwatch;
mod error;
mod listing;
mod portion;
mod rds;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_fleet::{AwsLogs, AwsStore};
use storex_sources::{
    Limits, LogError, LogFile, LogKind, LogListing, LogRange, LogStream, Logs, LogsSource,
    wall_clock,
};
use tokio::sync::Semaphore;

use crate::files::within;
use checkpoints::Checkpoints;
use clients::{Access, Clients};
use listing::Rotations;

/// Calls at once for an instance, whoever asks: those to RDS are work for the database host.
const CALLS: usize = 2;

/// The logs of one instance of Amazon RDS.
#[derive(Debug, Clone)]
pub struct RdsLogs {
    place: Arc<AwsLogs>,
    access: Arc<Access>,
    calls: Arc<Semaphore>,
    zone: TimeZone,
}

impl RdsLogs {
    /// The logs of `place`, in `region` unless it names another; their times without a zone are of `zone`.
    /// Nothing is sent yet.
    pub fn new(place: AwsLogs, region: &str, zone: TimeZone) -> Self {
        let access = Access {
            region: place.region.clone().unwrap_or_else(|| region.to_owned()),
            profile: place.profile.clone(),
            credentials_file: place.credentials_file.clone(),
            endpoint: place.endpoint.clone(),
        };
        Self {
            place: Arc::new(place),
            access: Arc::new(access),
            calls: Arc::new(Semaphore::new(CALLS)),
            zone,
        }
    }
}

impl LogsSource for RdsLogs {
    fn open(&self, limits: Limits) -> Box<dyn Logs> {
        Box::new(Reader(Arc::new(Opened {
            place: Arc::clone(&self.place),
            access: Arc::clone(&self.access),
            calls: Arc::clone(&self.calls),
            zone: self.zone.clone(),
            limits,
            known: Mutex::default(),
        })))
    }

    fn kind(&self) -> &'static str {
        match self.place.store {
            AwsStore::Rds => "rds",
            AwsStore::CloudWatch => "cloudwatch",
        }
    }
}

/// One call's view.
struct Reader(Arc<Opened>);

struct Opened {
    place: Arc<AwsLogs>,
    access: Arc<Access>,
    calls: Arc<Semaphore>,
    zone: TimeZone,
    limits: Limits,
    known: Mutex<Known>,
}

/// What a call has learnt.
#[derive(Default)]
struct Known {
    checkpoints: Checkpoints,
    rotations: Rotations,
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Opened {
    async fn clients(&self) -> Result<Clients, LogError> {
        self.within(Box::pin(self.access.clients())).await
    }

    /// Waits for a call in its turn.
    async fn call<T>(&self, call: impl Future<Output = T>) -> Result<T, LogError> {
        let place = self.within(self.calls.acquire()).await?;
        let _place = place.map_err(|_closed| LogError::Cancelled)?;
        self.within(call).await
    }

    async fn within<T>(&self, future: impl Future<Output = T>) -> Result<T, LogError> {
        within(&self.limits, future).await
    }
}

#[async_trait]
impl Logs for Reader {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        match self.0.place.store {
            AwsStore::Rds => rds::list(&self.0, kind).await,
            AwsStore::CloudWatch => cloudwatch::list(&self.0, kind).await,
        }
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        let opened = Arc::clone(&self.0);
        Ok(match self.0.place.store {
            AwsStore::Rds => Box::new(rds::Portions::new(opened, file, range)),
            AwsStore::CloudWatch => Box::new(cloudwatch::Events::new(opened, file, range)),
        })
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }

    fn time_zone(&self) -> TimeZone {
        self.0.zone.clone()
    }

    async fn pause(&self, how_long: Duration) -> Result<(), LogError> {
        self.0.within(tokio::time::sleep(how_long)).await
    }
}
