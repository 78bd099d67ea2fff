//! Opening a log: takes the lock, finds the end of the chain, and holds it against the head.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::AuditError;
use super::line::{self, Link};
use super::sink::private;

/// How much of the end of a file is looked at. Far longer than any line.
const TAIL_BYTES: u64 = 256 << 10;

const HEAD: &str = "audit.head";
const PREFIX: &str = "audit-";
const SUFFIX: &str = ".jsonl";

/// A log ready to be continued.
pub(super) struct Start {
    /// The locked head.
    pub(super) head: File,
    /// The file to append to and its length; none yet for a new log.
    pub(super) file: Option<(PathBuf, u64)>,
    pub(super) last: Link,
    /// The end of the file when it is no whole line.
    pub(super) torn: Option<Vec<u8>>,
}

pub(super) fn open(dir: &Path) -> Result<Start, AuditError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| AuditError::Open { path, source }
    };
    fs::create_dir_all(dir).map_err(failed(dir))?;
    let head_path = dir.join(HEAD);
    let mut options = OpenOptions::new();
    let options = private(options.read(true).write(true).create(true).truncate(false));
    let mut head = options.open(&head_path).map_err(failed(&head_path))?;
    match head.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(AuditError::Locked(dir.to_owned())),
        Err(TryLockError::Error(source)) => return Err(failed(&head_path)(source)),
    }
    let mut text = String::new();
    head.read_to_string(&mut text).map_err(failed(&head_path))?;
    let anchor = parse_head(&text).map_err(|detail| AuditError::Broken {
        path: head_path.clone(),
        detail: detail.to_owned(),
    })?;
    let files = files(dir).map_err(failed(dir))?;
    let (links, torn) = newest_links(&files)?;
    let last = links.last().cloned().unwrap_or_else(Link::genesis);
    let broken = |detail: String| AuditError::Broken {
        path: files.last().cloned().unwrap_or_else(|| dir.to_owned()),
        detail,
    };
    if anchor.seq > last.seq {
        return Err(broken(format!(
            "it ends at line number {} but {} were on disk",
            last.seq, anchor.seq
        )));
    }
    if links
        .iter()
        .any(|link| link.seq == anchor.seq && *link != anchor)
    {
        return Err(broken(format!(
            "line number {} is not the one in audit.head",
            anchor.seq
        )));
    }
    let file = match files.last() {
        None => None,
        Some(path) => {
            let len = fs::metadata(path).map_err(failed(path))?.len();
            Some((path.clone(), len))
        }
    };
    Ok(Start {
        head,
        file,
        last,
        torn,
    })
}

/// The links at the chain's end, and the end of the newest file when it is no whole line. A crash may
/// leave that file without a whole line; the chain then ends in the one before.
fn newest_links(files: &[PathBuf]) -> Result<(Vec<Link>, Option<Vec<u8>>), AuditError> {
    let mut torn = None;
    for (age, path) in files.iter().rev().enumerate() {
        let end = read_end(path)?;
        if age == 0 {
            torn = end.torn;
        } else if end.torn.is_some() {
            // A file is only followed by another after a whole line.
            return Err(AuditError::Broken {
                path: path.clone(),
                detail: "its last line has no end, yet another file follows".to_owned(),
            });
        }
        if !end.links.is_empty() {
            return Ok((end.links, torn));
        }
    }
    Ok((Vec::new(), torn))
}

/// The log's files, oldest first.
pub(super) fn files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if first_seq(&path).is_some() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn file_name(first_seq: u64) -> String {
    format!("{PREFIX}{first_seq:020}{SUFFIX}")
}

/// The sequence number of a file's first line, from its name.
pub(super) fn first_seq(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(PREFIX)?
        .strip_suffix(SUFFIX)?
        .parse()
        .ok()
}

pub(super) fn read_head(dir: &Path) -> std::io::Result<String> {
    fs::read_to_string(dir.join(HEAD))
}

/// `<seq, 20 digits> <hash>`; empty for a new log.
pub(super) fn parse_head(text: &str) -> Result<Link, &'static str> {
    if text.is_empty() {
        return Ok(Link::genesis());
    }
    let read = || {
        let (seq, hash) = text.trim_end().split_once(' ')?;
        Some(Link {
            seq: seq.parse().ok()?,
            hash: hash.to_owned(),
        })
    };
    read().ok_or("audit.head is not as this program writes it")
}

pub(super) fn head_text(link: &Link) -> String {
    format!("{:020} {}\n", link.seq, link.hash)
}

struct End {
    /// Of its last lines.
    links: Vec<Link>,
    torn: Option<Vec<u8>>,
}

/// Reads the end of a file: its last whole line, whose chain must hold as far back as is read.
fn read_end(path: &Path) -> Result<End, AuditError> {
    let failed = |source| AuditError::Open {
        path: path.to_owned(),
        source,
    };
    let broken = |detail: &str| AuditError::Broken {
        path: path.to_owned(),
        detail: detail.to_owned(),
    };
    let mut file = File::open(path).map_err(failed)?;
    let len = file.metadata().map_err(failed)?.len();
    let from = len.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(from)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;

    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let torn = lines
        .pop()
        .filter(|rest| !rest.is_empty())
        .map(<[u8]>::to_vec);
    if from > 0 && !lines.is_empty() {
        // The first is a part of a line.
        lines.remove(0);
    }
    let mut chain: Vec<Link> = Vec::new();
    let mut skipped = None;
    for line in lines {
        match line::parse(line) {
            Some(parsed) => {
                let explained = skipped.take().is_none_or(|torn| parsed.explains(torn));
                let follows = chain.last().is_none_or(|last| parsed.follows(last));
                if !explained || !follows {
                    return Err(broken("a line near its end does not follow the one before"));
                }
                chain.push(parsed.link);
            }
            None if skipped.is_none() => skipped = Some(line),
            None => return Err(broken("lines near its end are not as they were written")),
        }
    }
    if skipped.is_some() {
        return Err(broken("its last line is not as it was written"));
    }
    if chain.is_empty() && from > 0 {
        return Err(broken("no whole line stands near its end"));
    }
    Ok(End { links: chain, torn })
}
