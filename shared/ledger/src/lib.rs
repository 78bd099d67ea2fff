//! What each statement digest did between two samples of `events_statements_summary_by_digest`: the
//! server counts since the digest was first seen, so only a difference tells of now. Pure.

mod between;
mod row;

pub use between::{Between, between};
pub use row::DigestRow;
