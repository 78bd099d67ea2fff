//! The metrics server.

mod compare;
mod live;
mod query;
mod record;
mod recorded;
