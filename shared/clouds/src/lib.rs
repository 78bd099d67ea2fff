//! Live sources that stand beside the database itself: its log files on this machine, or in a cloud's
//! store.
//!
//! Each source implements a seam of `storex-sources` and is wrapped with concrete types, so that tools
//! cannot tell one from the other.

#[cfg(feature = "aws")]
pub mod aws;
pub mod files;
