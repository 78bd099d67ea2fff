//! Live sources that stand beside the database itself: its log files on this machine, its logs in a cloud.
//!
//! Each source implements a seam of `storex-sources` and is wrapped with concrete types, so that tools
//! cannot tell one from the other.

#[cfg(feature = "azure")]
pub mod azure;
pub mod files;
