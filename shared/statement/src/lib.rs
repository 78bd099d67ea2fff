//! What of a statement a caller names may be explained: parsed, held against a list of what is allowed,
//! and written anew from its syntax tree. The text that was passed never reaches a server.
//!
//! [`Explainable`] can be made in no other way, so whoever takes one needs no check of its own.

mod explainable;
mod expression;
mod functions;
mod literal;
mod query;
mod read_part;
mod refused;
mod tables;
#[cfg(test)]
mod tests;
mod types;
mod writer;

pub use explainable::{Explainable, Grammar};
pub use functions::functions;
pub use refused::Refused;
/// The parser's syntax tree, for those who look at what will be explained.
pub use sqlparser::ast;
pub use tables::TableName;
