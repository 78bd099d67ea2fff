//! What log stores of clouds keep of a slow log, one JSON record a line, turned into the text `MySQL`
//! writes: what reads that reads all of them. Pure.

mod azure;
mod google;
mod lines;
mod statement;

pub use azure::azure;
pub use google::{GoogleEntry, google};
pub(crate) use lines::Records;
pub(crate) use statement::Statement;

/// A line that is no record of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no record of a slow log")]
pub struct NotARecord;

/// Adds the text that a line is a record of.
type Form = fn(&[u8], &mut Vec<u8>) -> Result<(), NotARecord>;

/// Each tells its own records from those of others.
const FORMS: &[Form] = &[azure, google];

/// Adds the text that `line` is a record of, whichever store it is of.
fn any(line: &[u8], text: &mut Vec<u8>) -> Result<(), NotARecord> {
    FORMS
        .iter()
        .find_map(|form| form(line, text).ok())
        .ok_or(NotARecord)
}
