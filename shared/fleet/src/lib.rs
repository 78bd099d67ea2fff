//! The inventory: which instances there are, where they live, who owns them, and where their data
//! comes from. Selection is by this file, never by Cargo features; credentials are references.
//!
//! The file is described in `docs/inventory.md`.

mod endpoint;
mod entry;
mod error;
mod file;
mod fleet;
mod instance;
mod logs;
mod metrics;
mod parse;
mod report;
mod secret;
mod suggest;
mod table;
#[cfg(test)]
mod tests;
mod values;

pub use error::{InventoryError, Mistake};
pub use file::Readers;
pub use fleet::Fleet;
pub use instance::{
    Address, Instance, Inventory, LogFiles, LogTable, LogsEndpoint, LogsPlace, MetricsStore,
    MySqlEndpoint, Source, Tls,
};
pub use logs::{AwsLogs, AwsStore, AzureLogs, AzurePrincipal, GoogleLogs, GoogleRoute};
pub use metrics::{AwsMetrics, AzureMetrics, GoogleMetrics, PrometheusStore, StoreLogin};
pub use secret::{Secret, SecretError, SecretText};
