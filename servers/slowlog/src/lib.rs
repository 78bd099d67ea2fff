//! The slow-log server: which statements cost the most, and what is wrong with the plan of one.

pub mod error_log;
pub mod explain;
pub mod log_files;
pub mod probes;
mod tools;
pub mod window;

pub use tools::DOMAIN;
