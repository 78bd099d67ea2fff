//! The kit against real servers.

mod incidents;
mod servers;
mod shop;
mod sysbench;
mod traffic;
