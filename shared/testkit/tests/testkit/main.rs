//! The kit against real servers.

#![expect(clippy::print_stdout, reason = "a test says what it skips")]

mod engine;
mod incidents;
mod monitoring;
mod pressure;
mod replica;
mod servers;
mod shop;
mod sysbench;
mod traffic;
