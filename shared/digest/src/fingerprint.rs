//! The form of a statement: its literals replaced, so that statements of one form are one group.
//!
//! Groups as pt-query-digest's fingerprint does (`QueryRewriter.pm`), with these differences, each of
//! which joins what is the same or keeps apart what is not: white space and comments never matter;
//! quoted and unquoted names are the same; lists of rows in `IN` are one; optimizer hints, which change
//! plans, are kept; `CALL` keeps no arguments whatever they are.

mod lexer;
mod lists;
mod outline;
mod words;
mod writer;

pub(crate) use outline::outline;
pub use writer::Writer;

/// The form of a statement.
///
/// The fingerprint of a fingerprint is itself, and no literal is left in it. It is lower-case but for
/// names in quotes that need them. At most [`Writer::LONGEST`] bytes long; `...` at its end says that it
/// was cut.
pub fn fingerprint(sql: &[u8]) -> Vec<u8> {
    Writer::default().write(sql).to_vec()
}
