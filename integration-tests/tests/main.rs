//! Whole-product tests: one binary, laid out like the servers.

mod clients;
mod innodb;
mod product;
