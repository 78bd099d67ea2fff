//! The metrics server.

mod compare;
mod query;
mod recorded;
