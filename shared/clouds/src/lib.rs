//! Live sources that stand beside the database itself: its log files on this machine, its logs in a
//! cloud's store, and its figures in a metrics store. Each cloud is a feature of its own, so that its SDK can be left out of a build.
//!
//! Each source implements a seam of `storex-sources` and is wrapped with concrete types, so that tools
//! cannot tell one from the other.

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "azure")]
pub mod azure;
pub mod files;
#[cfg(feature = "google")]
pub mod google;
pub mod prometheus;
