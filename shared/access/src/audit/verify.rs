//! Checks a log from its first line to its last, and against its head.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use super::VerifyError;
use super::line::{self, Link};
use super::start;

/// What a sound log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Files read.
    pub files: usize,
    /// The sequence number of the first line. More than 1 where older files were archived.
    pub first_seq: u64,
    /// The sequence number of the last line; 0 for an empty log.
    pub last_seq: u64,
    /// The hash of the last line. Kept elsewhere, it anchors the log against a change of every file.
    pub last_hash: String,
    /// Lines torn by a crash, each noted by the line after it.
    pub torn: u64,
    /// Bytes after the last whole line: a torn line not noted yet, or one being written.
    pub unfinished_bytes: u64,
}

/// Checks the log in a directory: every line as written, none missing, none added, none cut off.
///
/// # Errors
/// The first thing that is wrong, by file and line.
pub fn verify(dir: &Path) -> Result<Report, VerifyError> {
    let read_failed = |source| VerifyError::Read {
        path: dir.to_owned(),
        source,
    };
    let anchor = match start::read_head(dir) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(VerifyError::Missing(dir.to_owned()));
        }
        Err(source) => return Err(read_failed(source)),
    };
    let anchor = start::parse_head(&anchor).map_err(|what| VerifyError::Bad {
        file: dir.join("audit.head"),
        line: 1,
        what,
    })?;
    let files = start::files(dir).map_err(read_failed)?;
    let mut walk = Walk {
        anchor,
        first_seq: 0,
        last: None,
        torn: 0,
        unfinished_bytes: 0,
    };
    for path in &files {
        walk.file(path)?;
    }
    let last = walk.last.unwrap_or_else(Link::genesis);
    if walk.anchor.seq > last.seq {
        return Err(VerifyError::Cut {
            found: last.seq,
            anchored: walk.anchor.seq,
        });
    }
    Ok(Report {
        files: files.len(),
        first_seq: walk.first_seq,
        last_seq: last.seq,
        last_hash: last.hash,
        torn: walk.torn,
        unfinished_bytes: walk.unfinished_bytes,
    })
}

struct Walk {
    anchor: Link,
    first_seq: u64,
    last: Option<Link>,
    torn: u64,
    unfinished_bytes: u64,
}

impl Walk {
    fn file(&mut self, path: &PathBuf) -> Result<(), VerifyError> {
        let read_failed = |source| VerifyError::Read {
            path: path.clone(),
            source,
        };
        let mut reader = BufReader::new(File::open(path).map_err(read_failed)?);
        let mut number = 0;
        let mut skipped: Option<Vec<u8>> = None;
        let mut first_of_file = true;
        loop {
            let mut line = Vec::new();
            number += 1;
            let bad = |what| VerifyError::Bad {
                file: path.clone(),
                line: number,
                what,
            };
            if reader.read_until(b'\n', &mut line).map_err(read_failed)? == 0 {
                return match skipped {
                    None => Ok(()),
                    Some(_) => Err(bad_line(path, number - 1)),
                };
            }
            if self.unfinished_bytes > 0 {
                return Err(bad("lines follow on one that has no end"));
            }
            if line.pop_if(|byte| *byte == b'\n').is_none() {
                self.unfinished_bytes = line.len() as u64;
                continue;
            }
            let Some(parsed) = line::parse(&line) else {
                if skipped.is_some() {
                    return Err(bad_line(path, number - 1));
                }
                // Perhaps torn by a crash: the next line must say so.
                skipped = Some(line);
                continue;
            };
            if let Some(torn) = skipped.take() {
                if !parsed.explains(&torn) {
                    return Err(bad_line(path, number - 1));
                }
                self.torn += 1;
            }
            if first_of_file && start::first_seq(path) != Some(parsed.link.seq) {
                return Err(bad("the file does not begin with the line its name says"));
            }
            first_of_file = false;
            self.step(parsed).map_err(bad)?;
        }
    }

    fn step(&mut self, parsed: line::Parsed) -> Result<(), &'static str> {
        match &self.last {
            Some(last) if !parsed.follows(last) => {
                return Err("the line does not follow the one before: lines are missing or moved");
            }
            None if parsed.link.seq == 1 && !parsed.follows(&Link::genesis()) => {
                return Err("the first line does not begin a chain");
            }
            None => self.first_seq = parsed.link.seq,
            Some(_) => {}
        }
        if parsed.link.seq == self.anchor.seq && parsed.link != self.anchor {
            return Err("the line is not the one in audit.head");
        }
        self.last = Some(parsed.link);
        Ok(())
    }
}

fn bad_line(path: &Path, line: u64) -> VerifyError {
    VerifyError::Bad {
        file: path.to_owned(),
        line,
        what: "the line is not as it was written",
    }
}
