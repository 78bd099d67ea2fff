//! Slow logs read and digested: bytes in, aggregates by statement out. Pure: no file, socket or clock.
//!
//! [`Reader`] takes the text of a slow log in chunks of any size, as `MySQL` 5.6 to 9.7, `MariaDB` and
//! Percona Server write it (or the [`records`] a cloud keeps of it), and gives each entry to a [`Digest`],
//! which keeps one [`Group`] per [fingerprint](fingerprint()). What is cut, mingled or no log at all is counted in
//! [`Unread`], never silently skipped. Memory is bounded whatever the size of the log.

mod digest;
mod entry;
mod figures;
pub mod fingerprint;
mod form_id;
mod group;
mod groups;
mod histogram;
mod name_table;
mod names;
mod options;
mod outlines;
mod pipeline;
mod reader;
pub mod records;
pub mod report;
mod runs;
mod samples;
pub mod tags;
mod tally;
mod text;
mod timeline;

pub use digest::Digest;
pub use entry::{Entry, Unread};
pub use figures::{Figures, Sum};
pub use fingerprint::fingerprint;
pub use form_id::{FormId, NotAnId};
pub use group::{Group, Worst};
pub use histogram::Histogram;
pub use names::Names;
pub use options::{Options, Window};
pub use pipeline::Pipeline;
pub use reader::Reader;
pub use samples::{Sample, Samples};
pub use tally::Tally;
pub use timeline::{Slot, Timeline};
