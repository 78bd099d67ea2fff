//! Slow logs as real servers write them.

mod digest;
