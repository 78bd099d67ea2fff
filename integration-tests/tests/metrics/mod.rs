//! The metrics server.

mod query;
mod recorded;
