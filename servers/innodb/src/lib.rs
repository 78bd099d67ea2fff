//! The InnoDB server: who waits for whom, what is open, and the monitor read for you.

pub mod condition;
pub mod config;
pub mod deadlock;
mod deadlock_view;
pub mod flush;
pub mod lock_rows;
pub mod mdl;
pub mod monitor;
pub mod open;
pub mod picture;
pub mod pressure;
pub mod probes;
pub mod replication;
pub mod schema;
pub mod sessions;
mod shown;
mod tools;
pub mod unseen;
pub mod unusual;
pub mod variables;
pub mod verdict;
mod view;
pub mod waits;

pub use replication::failure::without_values;
pub use shown::redact_monitor;
pub use tools::{DOMAIN, recorded_reads};
