//! The whole product over real servers: what the integration tests and the benches start from.

mod account;
mod house;
pub mod incidents;
pub mod process;
mod tools;

pub use account::{LeastAccount, probes};
pub use house::{House, Instance, lay_out};
pub use tools::{asks_for_the_instance_alone, instance_tools, question};
