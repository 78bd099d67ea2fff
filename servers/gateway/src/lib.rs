//! The binary people install: all domain servers behind one endpoint, and the commands around it.

#![expect(
    clippy::print_stdout,
    reason = "commands for people talk on standard output"
)]

mod commands;
mod demo;
pub mod fleet;

use storex_tool::Domain;

pub use commands::init::write_policies;
pub use commands::{Arguments, run};

/// Every domain of this program, in the order clients see them.
pub static DOMAINS: &[&Domain] = &[
    &fleet::DOMAIN,
    &storex_innodb::DOMAIN,
    &storex_metrics::DOMAIN,
    &storex_slowlog::DOMAIN,
];
