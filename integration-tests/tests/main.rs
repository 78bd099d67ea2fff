//! Whole-product tests: one binary, laid out like the servers.

mod innodb;
