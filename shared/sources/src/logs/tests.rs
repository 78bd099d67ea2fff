//! Behaviour of the seam: times in raw bytes, seeking, and reading across files of a source in memory.

mod seeking;
mod store;
mod times;
mod windows;
