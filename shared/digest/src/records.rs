//! Records of a cloud's log store, one a line as JSON, turned into the text a server would have
//! written. Pure.

mod google;

pub use google::{GoogleEntry, google};

/// A line that is no record of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARecord;
