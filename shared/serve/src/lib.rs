//! Serving: the call stack, the transports, configuration, health, telemetry and shutdown.

mod alone;
mod boot;
pub mod config;
pub mod http;
mod live_logs;
mod live_metrics;
mod metrics;
mod mounts;
mod no_logs;
mod no_metrics;
mod reference;
mod runtime;
mod server;
mod stack;
pub mod stdio;
pub mod telemetry;
mod watch;

pub use alone::alone;
pub use boot::{Boot, BootError, actions, audit_folders, boot, boot_file};
pub use config::Config;
pub use metrics::Metrics;
pub use mounts::{Mount, Mounts};
pub use reference::reference;
pub use runtime::{Runtime, Tools};
pub use server::Server;
pub use stack::Limits;
pub use watch::watch;
