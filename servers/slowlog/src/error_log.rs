//! The error log understood: entries, the forms of their messages, the classes that matter, and how the
//! server stopped and started. Pure: bytes or rows in, values out.

pub mod classes;
mod entry;
pub mod findings;
mod form;
mod head;
mod reader;
mod restarts;
mod tally;
#[cfg(test)]
mod tests;

pub use entry::{Entry, Level};
pub use form::{form, without_quoted};
pub use reader::{Lines, Reader};
pub use restarts::{How, Restart, Restarts};
pub use tally::{ClassTally, Group, Tally};
