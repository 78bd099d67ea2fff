//! The inventory: which instances there are, where they live, who owns them, and where their data
//! comes from. Selection is by this file, never by Cargo features; credentials are references.

mod check;
mod error;
mod file;
mod fleet;
mod instance;
mod secret;

pub use error::{InventoryError, Mistake};
pub use fleet::Fleet;
pub use instance::{Address, Instance, Inventory, MySqlEndpoint, Source, Tls};
pub use secret::{Secret, SecretError, SecretText};
