//! Whole-product tests: one binary, laid out like the servers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests fail tests, and say what they skip"
)]

mod access;
mod bad_input;
mod black_hole;
mod callers;
mod clients;
mod conformance;
mod general_log;
mod incidents;
mod innodb;
mod logs;
mod metrics;
mod odd_tools;
mod pictures;
mod product;
mod session;
mod slowlog;
mod telemetry;
mod whole_table;
