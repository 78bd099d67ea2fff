//! Every line is accounted for: read, counted, or kept as not understood.

use serde::Serialize;

use super::scan::capped;
use super::sections::Section;

/// Lines not understood that are kept with their text.
const UNPARSED_AT_MOST: usize = 200;
const UNPARSED_BYTES: usize = 256;
/// Lines of averages that are kept with their text: 64 buffer pools print four each.
const AVERAGES_AT_MOST: usize = 256;

/// A line the parser did not understand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unparsed {
    /// The section it stands in, as printed; empty before the first.
    pub section: String,
    /// The line, at most 256 bytes of it. Hostile text.
    pub line: String,
    /// Its number in the text, from 1.
    pub line_no: u64,
}

/// A line of averages over the window since the monitor was last printed by anyone. Never a
/// current rate: each `SHOW ENGINE INNODB STATUS`, an exporter's too, starts a new window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WindowAverage {
    /// The section it stands in.
    pub section: String,
    /// The line as printed.
    pub line: String,
}

/// What became of the text's lines. `total` is the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// Lines in the text that was read.
    pub total: u64,
    /// Headers, rules and captions.
    pub structure: u64,
    /// Empty lines.
    pub blank: u64,
    /// Lines whose figures are in the value.
    pub values: u64,
    /// Lines of averages.
    pub averages: u64,
    /// Lines of statement text.
    pub statements: u64,
    /// Lines of physical records: counted, their content is not kept.
    pub records: u64,
    /// Lines understood but left out because a list was full.
    pub left_out: u64,
    /// Lines of sections whose name is not known.
    pub other_sections: u64,
    /// Lines not understood.
    pub unparsed: u64,
}

/// What a section's reader made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Structure,
    Value,
    Average,
    Statement,
    Record,
    LeftOut,
    Other,
}

/// Reads one section, line by line.
pub(super) trait Reader {
    /// Takes a line that is not empty; `None` where it is not understood.
    fn line(&mut self, line: &str) -> Option<Read>;

    /// Told of an empty line.
    fn blank(&mut self) {}
}

/// The account of all lines.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) lines: Lines,
    pub(super) unparsed: Vec<Unparsed>,
    pub(super) averages: Vec<WindowAverage>,
    /// The server printed `... truncated...` in place of the head of its list of transactions.
    pub(super) cut_by_server: bool,
    /// The server could not take the lock system's mutex and left the transactions out.
    pub(super) lock_info_skipped: bool,
}

impl Tally {
    /// Gives a section's lines to its reader and accounts for each.
    pub(super) fn read(&mut self, section: &Section<'_>, reader: &mut impl Reader) {
        for (line_no, line) in section.lines() {
            self.lines.total += 1;
            if line.trim().is_empty() {
                self.lines.blank += 1;
                reader.blank();
            } else if let Some(read) = reader.line(line).or_else(|| self.anywhere(line)) {
                self.count(section, line, read);
            } else {
                self.keep(section, line, line_no);
            }
        }
    }

    /// Accounts for the three lines of a section's header.
    pub(super) fn header(&mut self, lines: u64) {
        self.lines.total += lines;
        self.lines.structure += lines;
    }

    /// Sentences the server puts in wherever it happens to be.
    fn anywhere(&mut self, line: &str) -> Option<Read> {
        match line {
            "... truncated..." => self.cut_by_server = true,
            "FAIL TO OBTAIN LOCK MUTEX, SKIP LOCK INFO PRINTING" => self.lock_info_skipped = true,
            _ => return None,
        }
        Some(Read::Value)
    }

    fn count(&mut self, section: &Section<'_>, line: &str, read: Read) {
        let count = match read {
            Read::Structure => &mut self.lines.structure,
            Read::Value => &mut self.lines.values,
            Read::Average => &mut self.lines.averages,
            Read::Statement => &mut self.lines.statements,
            Read::Record => &mut self.lines.records,
            Read::LeftOut => &mut self.lines.left_out,
            Read::Other => &mut self.lines.other_sections,
        };
        *count += 1;
        if read == Read::Average && self.averages.len() < AVERAGES_AT_MOST {
            let line = capped(line, UNPARSED_BYTES).to_owned();
            self.averages.push(WindowAverage {
                section: section.name.to_owned(),
                line,
            });
        }
    }

    fn keep(&mut self, section: &Section<'_>, line: &str, line_no: u64) {
        self.lines.unparsed += 1;
        if self.unparsed.len() < UNPARSED_AT_MOST {
            self.unparsed.push(Unparsed {
                section: section.name.to_owned(),
                line: capped(line, UNPARSED_BYTES).to_owned(),
                line_no,
            });
        }
    }
}
