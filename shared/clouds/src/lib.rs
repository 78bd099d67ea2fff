//! Live sources that stand beside the database itself: its log files on this machine.
//!
//! Each source implements a seam of `storex-sources` and is wrapped with concrete types, so that tools
//! cannot tell one from the other.

pub mod files;
