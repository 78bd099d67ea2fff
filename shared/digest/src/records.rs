//! Slow statements as log stores of clouds keep them, one JSON record a line, turned into the text
//! `MySQL` writes: what reads that reads all of them.

mod azure;
mod lines;
mod statement;

pub use azure::azure;
pub(crate) use lines::Records;
pub(crate) use statement::Statement;

/// A line that tells no slow statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no record of a slow statement")]
pub struct NotARecord;

/// Adds the record that a line is to a text.
type Form = fn(&[u8], &mut Vec<u8>) -> Result<(), NotARecord>;

/// Each tells its own records from those of others.
const FORMS: &[Form] = &[azure];

/// Adds the record that `line` is to `text`, whichever store it is of.
fn any(line: &[u8], text: &mut Vec<u8>) -> Result<(), NotARecord> {
    FORMS
        .iter()
        .find_map(|form| form(line, text).ok())
        .ok_or(NotARecord)
}
