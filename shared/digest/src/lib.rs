//! Slow logs read and digested: bytes in, aggregates by statement out. Pure: no file, socket or clock.
//!
//! [`Reader`] takes the text of a slow log in chunks of any size, as `MySQL` 5.6 to 9.7, `MariaDB` and
//! Percona Server write it (or the [`records`] a cloud keeps of it), and gives each entry to a [`Digest`], which keeps one [`Group`] per
//! [fingerprint](fingerprint()). What is cut, mingled or no log at all is counted in
//! [`Unread`], never silently skipped. Memory is bounded whatever the size of the log.

mod digest;
mod entry;
pub mod fingerprint;
mod group;
mod histogram;
mod names;
mod pipeline;
mod reader;
pub mod records;
pub mod report;
pub mod tags;
mod text;
mod timeline;

pub use digest::{Digest, Options, Totals, Window};
pub use entry::{Entry, Unread};
pub use fingerprint::fingerprint;
pub use group::{Figures, Group, Sum, Worst};
pub use histogram::Histogram;
pub use names::Names;
pub use pipeline::Pipeline;
pub use reader::Reader;
pub use timeline::{Slot, Timeline};
