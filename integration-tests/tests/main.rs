//! Whole-product tests: one binary, laid out like the servers.

mod access;
mod bad_input;
mod black_hole;
mod callers;
mod clients;
mod general_log;
mod innodb;
mod odd_tools;
mod product;
mod session;
mod telemetry;
mod whole_table;
