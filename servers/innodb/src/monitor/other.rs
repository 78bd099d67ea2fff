//! Sections this parser does not know, kept by name.

use serde::Serialize;

use super::scan::capped;
use super::tally::{Read, Reader};

const LINES_AT_MOST: usize = 40;
const LINE_BYTES: usize = 256;

/// A section of a name this parser does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OtherSection {
    /// Its name as printed.
    pub name: String,
    /// Its first lines, cut. Hostile text.
    pub lines: Vec<String>,
    /// How many lines it has that are not empty.
    pub line_count: u64,
}

/// Reads the section.
#[derive(Debug)]
pub(super) struct OtherReader(OtherSection);

impl OtherReader {
    pub(super) fn named(name: &str) -> Self {
        Self(OtherSection {
            name: name.to_owned(),
            ..OtherSection::default()
        })
    }

    pub(super) fn finish(self) -> OtherSection {
        self.0
    }
}

impl Reader for OtherReader {
    fn line(&mut self, line: &str) -> Option<Read> {
        self.0.line_count += 1;
        if self.0.lines.len() < LINES_AT_MOST {
            self.0.lines.push(capped(line, LINE_BYTES).to_owned());
        }
        Some(Read::Other)
    }
}
