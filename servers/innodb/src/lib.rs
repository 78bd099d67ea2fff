//! The InnoDB server: who waits for whom, what is open, and the monitor read for you.

pub mod lock_rows;
pub mod mdl;
pub mod variables;
pub mod probes;
pub mod sessions;
mod tools;
pub mod verdict;
mod view;
pub mod waits;

pub use tools::DOMAIN;
