//! The whole product over real servers: what the integration tests and the benches start from.

mod house;
pub mod incidents;

pub use house::{House, Instance, lay_out};
