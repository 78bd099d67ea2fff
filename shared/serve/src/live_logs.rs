//! The logs of a running server, wherever the inventory says they are.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_clouds::files::{FileLogs, Settings};
use storex_fleet::{Instance, LogFiles, LogsPlace};
use storex_mysql::{LiveMySql, TableLogs};
use storex_sources::{
    Limits, LogError, LogFile, LogKind, LogListing, LogRange, LogStream, Logs, LogsSource,
};

use crate::no_logs::NoLogs;

/// The source of an instance's logs; a table is read over the connections of `live`. Nothing is opened
/// yet.
pub(crate) fn live_logs(entry: &Instance, live: &LiveMySql) -> Arc<dyn LogsSource> {
    let Some(logs) = &entry.logs else {
        return Arc::new(NoLogs::NotConfigured);
    };
    let files = |files: LogFiles| {
        let zone = logs.time_zone.clone();
        FileLogs::new(files, zone, Settings::default())
    };
    match &logs.place {
        LogsPlace::Files(paths) => Arc::new(files(paths.clone())),
        LogsPlace::Table(table) => {
            let slow = TableLogs::new(Arc::new(live.clone()));
            let error = files(LogFiles {
                slow: None,
                error: table.error.clone(),
            });
            Arc::new(TableAndFiles { slow, error })
        }
        #[cfg(feature = "aws")]
        LogsPlace::Aws(aws) => {
            let (region, zone) = (&entry.region, logs.time_zone.clone());
            Arc::new(storex_clouds::aws::RdsLogs::new(aws.clone(), region, zone))
        }
        #[cfg(not(feature = "aws"))]
        LogsPlace::Aws(_) => Arc::new(NoLogs::LeftOut { cloud: "aws" }),
        #[cfg(feature = "azure")]
        LogsPlace::Azure(azure) => {
            use storex_clouds::azure::{AzureLogs, Settings};
            let zone = logs.time_zone.clone();
            Arc::new(AzureLogs::new(azure.clone(), zone, Settings::default()))
        }
        #[cfg(not(feature = "azure"))]
        LogsPlace::Azure(_) => Arc::new(NoLogs::LeftOut { cloud: "azure" }),
        #[cfg(feature = "google")]
        LogsPlace::Google(google) => {
            use storex_clouds::google::{BucketLogs, Settings};
            let zone = logs.time_zone.clone();
            Arc::new(BucketLogs::new(google.clone(), zone, Settings::default()))
        }
        #[cfg(not(feature = "google"))]
        LogsPlace::Google(_) => Arc::new(NoLogs::LeftOut { cloud: "google" }),
    }
}

/// The slow log in a table, the error log in a file, where one is named.
struct TableAndFiles {
    slow: TableLogs,
    error: FileLogs,
}

impl LogsSource for TableAndFiles {
    fn open(&self, limits: Limits) -> Box<dyn Logs> {
        Box::new(TableAndFilesReader {
            slow: self.slow.open(limits.clone()),
            error: self.error.open(limits),
        })
    }

    fn kind(&self) -> &'static str {
        self.slow.kind()
    }
}

struct TableAndFilesReader {
    slow: Box<dyn Logs>,
    error: Box<dyn Logs>,
}

impl TableAndFilesReader {
    fn of(&self, kind: LogKind) -> &dyn Logs {
        match kind {
            LogKind::Slow => self.slow.as_ref(),
            LogKind::Error => self.error.as_ref(),
        }
    }
}

#[async_trait]
impl Logs for TableAndFilesReader {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        self.of(kind).list(kind).await
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        self.of(file.kind).read(file, range).await
    }

    fn now(&self) -> Timestamp {
        self.slow.now()
    }

    /// Only files have times without one.
    fn time_zone(&self) -> TimeZone {
        self.error.time_zone()
    }

    async fn pause(&self, how_long: Duration) -> Result<(), LogError> {
        self.slow.pause(how_long).await
    }
}
