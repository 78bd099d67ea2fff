//! The metrics server.

mod compare;
mod query;
mod record;
mod recorded;
