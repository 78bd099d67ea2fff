//! The kit against real servers.

mod incidents;
mod replica;
mod servers;
mod shop;
mod traffic;
