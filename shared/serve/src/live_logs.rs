//! The logs of a running server, wherever the inventory says they are.

use std::sync::Arc;

use storex_clouds::files::{FileLogs, Settings};
use storex_fleet::{Instance, LogsPlace};
use storex_sources::LogsSource;

use crate::no_logs::NoLogs;

/// The source of an instance's logs. Nothing is opened yet.
pub(crate) fn live_logs(entry: &Instance) -> Arc<dyn LogsSource> {
    let Some(logs) = &entry.logs else {
        return Arc::new(NoLogs::NotConfigured);
    };
    let zone = logs.time_zone.clone();
    match &logs.place {
        LogsPlace::Files(files) => {
            Arc::new(FileLogs::new(files.clone(), zone, Settings::default()))
        }
        #[cfg(feature = "azure")]
        LogsPlace::Azure(azure) => {
            use storex_clouds::azure::{AzureLogs, Settings};
            Arc::new(AzureLogs::new(azure.clone(), zone, Settings::default()))
        }
        #[cfg(not(feature = "azure"))]
        LogsPlace::Azure(_) => Arc::new(NoLogs::LeftOut { cloud: "azure" }),
    }
}
