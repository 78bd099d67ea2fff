//! The slow-log server: which statements cost the most, and what is wrong with the plan of one.

mod change;
mod costs;
pub mod error_log;
pub mod explain;
mod form;
pub mod ledger;
pub mod log_files;
pub mod probes;
mod reading;
#[cfg(test)]
mod samples;
mod scene;
mod tables;
mod tools;
mod words;

pub use tools::DOMAIN;
