//! The live MySQL and MariaDB source: bounded connections, read-only sessions, flavour and version.
//!
//! [`LiveMySql`] is one instance. It never makes a sick database sicker: it opens at most
//! the inventory's `max_connections`, keeps one of them so that connection exhaustion does
//! not blind it, limits every statement in the server and kills what its caller no longer waits
//! for, and leaves a server alone for a while after repeated failures. [`TableLogs`] is the slow log of
//! an instance that keeps it in a table, read by the same connections.

mod breaker;
mod connect;
mod detect;
mod doctor;
mod errors;
mod grants;
mod live;
mod log_table;
mod pool;
mod privileges;
mod query;
mod reader;
mod recover;
mod session;
mod settings;
mod values;

pub use breaker::BreakerState;
pub use doctor::{Checkup, Lacking};
pub use live::{Health, LiveMySql};
pub use log_table::{LOG_TABLE_PROBES, TableLogs};
pub use privileges::{Account, least_privilege};
pub use settings::Settings;
