//! Real servers for tests: mysqld, mariadbd, labelled traffic, and incidents as code.
//!
//! A test starts a server of its own ([`servers::MySqlServer::start`]), fills it with the shop
//! ([`accounts::create_shop`]), lets labelled applications use it ([`traffic`]) and breaks it in a
//! known way ([`incidents`]). Nothing is installed on the machine: see [`servers`]. Clouds that cannot be
//! had are stood in for ([`cloud_storage`]). Metrics are scraped by real stores ([`monitoring`]).

pub mod accounts;
pub mod aws;
pub mod azure;
mod cache;
pub mod clients;
pub mod cloud_storage;
pub mod incidents;
pub mod monitoring;
pub mod replica;
pub mod servers;
pub mod shop;
mod small_disk;
pub mod traffic;

pub use servers::{Ending, Flavour, MySqlServer, Options, PerformanceSchema, Place, SlowLog};
pub use small_disk::SmallDisk;
