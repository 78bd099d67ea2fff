//! The log files of a DB instance as RDS keeps them: hourly segments of a log, read in portions with
//! markers. What is public of its rules is followed: the API reference of `DownloadDBLogFilePortion`,
//! and what people who read logs by it wrote down of markers and of the minutes after a rotation.

use std::collections::BTreeMap;

/// Bytes of a portion at most.
const PORTION: usize = 1 << 20;
/// Lines of a portion at most.
const MOST_LINES: usize = 10_000;
/// What follows a portion that was cut.
const CUT: &str = " [Your log message was truncated]\n";

/// A file to begin with.
pub struct NewFile<'a> {
    /// Such as `slowquery/mysql-slowquery.log.18`.
    pub name: &'a str,
    /// The hour its markers begin with: that at which it was or will be rotated.
    pub hour: u8,
    /// When it was last written, in milliseconds since 1970.
    pub last_written_ms: i64,
    /// Its content.
    pub content: Vec<u8>,
}

/// The log files of a DB instance.
#[derive(Default)]
pub struct LogFiles {
    files: BTreeMap<String, File>,
    /// What live files were before their last rotation: their names still lead there by the marker.
    before: BTreeMap<String, File>,
}

#[derive(Clone)]
struct File {
    hour: u8,
    last_written_ms: i64,
    content: Vec<u8>,
    live: bool,
    listed: bool,
}

/// A portion of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Portion {
    pub(super) text: Vec<u8>,
    pub(super) marker: String,
    pub(super) more: bool,
}

/// Why there is no portion.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NoSuchFile,
    Binary,
    Marker,
}

impl LogFiles {
    /// Adds a file. One whose name has no hour is live.
    pub fn add(&mut self, file: NewFile<'_>) {
        let live = !file.name.contains(".log.");
        self.files.insert(
            file.name.to_owned(),
            File {
                hour: file.hour,
                last_written_ms: file.last_written_ms,
                content: file.content,
                live,
                listed: true,
            },
        );
    }

    /// Writes more to a file.
    pub fn append(&mut self, name: &str, content: &[u8], now_ms: i64) {
        if let Some(file) = self.files.get_mut(name) {
            file.content.extend_from_slice(content);
            file.last_written_ms = now_ms;
        }
    }

    /// Rotates a live file: it is called `to` from now on and goes on being written for a while, as in the
    /// minutes after the hour. It is listed by that name at once or not until [`Self::show`].
    pub fn rotate(&mut self, name: &str, to: &str, listed: bool, now_ms: i64) {
        let Some(mut old) = self.files.remove(name) else {
            return;
        };
        let fresh = File {
            hour: (old.hour + 1) % 24,
            last_written_ms: now_ms,
            content: Vec::new(),
            live: true,
            listed: true,
        };
        old.live = false;
        old.listed = listed;
        self.before.insert(name.to_owned(), old.clone());
        self.files.insert(to.to_owned(), old);
        self.files.insert(name.to_owned(), fresh);
    }

    /// Lists a rotated file from now on.
    pub fn show(&mut self, name: &str) {
        if let Some(file) = self.files.get_mut(name) {
            file.listed = true;
        }
    }

    /// Names, sizes and times of the files whose names contain `part`.
    pub(super) fn list(&self, part: &str) -> Vec<(&str, usize, i64)> {
        let files = self.files.iter();
        files
            .filter(|(name, file)| file.listed && name.contains(part))
            .map(|(name, file)| (name.as_str(), file.content.len(), file.last_written_ms))
            .collect()
    }

    /// A portion of a file: from a marker on, or the newest lines.
    pub(super) fn portion(
        &self,
        name: &str,
        marker: Option<&str>,
        lines: Option<usize>,
    ) -> Result<Portion, Refused> {
        let current = self.files.get(name).ok_or(Refused::NoSuchFile)?;
        let lines = lines.unwrap_or(MOST_LINES).min(MOST_LINES);
        let (file, from) = match marker {
            None => (current, newest(&current.content, lines)),
            Some("0") => (current, 0),
            Some(marker) => {
                let (hour, from) = parsed(marker).ok_or(Refused::Marker)?;
                let before = self.before.get(name).filter(|before| before.hour == hour);
                let file = match before {
                    _ if hour == current.hour => current,
                    Some(before) => self
                        .files
                        .values()
                        .find(|file| file.hour == hour && !file.live)
                        .unwrap_or(before),
                    None => return Err(Refused::Marker),
                };
                (file, from)
            }
        };
        let rest = file.content.get(from..).unwrap_or_default();
        let wanted = length_of(rest, lines);
        let taken = wanted.min(PORTION);
        let mut text = rest.get(..taken).unwrap_or_default().to_vec();
        if text.contains(&0) {
            return Err(Refused::Binary);
        }
        if taken < wanted {
            text.extend_from_slice(CUT.as_bytes());
        }
        let more = taken < rest.len();
        // The end of what was live and is rotated now, asked for by its old name.
        let ended = !more && current.live && file.hour != current.hour;
        let marker = if ended {
            "0".to_owned()
        } else {
            format!("{}:{}", file.hour, from + taken)
        };
        Ok(Portion { text, marker, more })
    }
}

/// Where the newest `lines` lines begin.
fn newest(content: &[u8], lines: usize) -> usize {
    let ends = content
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, b)| **b == b'\n');
    // The last line break ends a line; the one before the lines wanted begins them.
    ends.map(|(at, _)| at + 1).nth(lines).unwrap_or(0)
}

/// The length of the first `lines` lines.
fn length_of(content: &[u8], lines: usize) -> usize {
    let ends = content.iter().enumerate().filter(|(_, b)| **b == b'\n');
    let last = ends.map(|(at, _)| at + 1).nth(lines.saturating_sub(1));
    last.unwrap_or(content.len())
}

fn parsed(marker: &str) -> Option<(u8, usize)> {
    let (hour, offset) = marker.split_once(':')?;
    Some((hour.parse().ok()?, offset.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: &str = "slowquery/mysql-slowquery.log";

    fn files(content: &[u8]) -> LogFiles {
        let mut files = LogFiles::default();
        files.add(NewFile {
            name: LIVE,
            hour: 18,
            last_written_ms: 0,
            content: content.to_vec(),
        });
        files
    }

    fn portion(text: &[u8], marker: &str, more: bool) -> Portion {
        Portion {
            text: text.to_vec(),
            marker: marker.to_owned(),
            more,
        }
    }

    #[test]
    fn lines_are_counted_from_the_marker_or_from_the_end() {
        let files = files(b"a\nbb\nccc\n");
        let ask = |marker, lines| files.portion(LIVE, marker, Some(lines));
        assert_eq!(ask(Some("0"), 2), Ok(portion(b"a\nbb\n", "18:5", true)));
        assert_eq!(ask(Some("18:5"), 2), Ok(portion(b"ccc\n", "18:9", false)));
        assert_eq!(ask(None, 1), Ok(portion(b"ccc\n", "18:9", false)));
        assert_eq!(ask(Some("17:0"), 1), Err(Refused::Marker));
    }

    #[test]
    fn a_portion_beyond_a_megabyte_is_cut_and_says_so() {
        let mut content = vec![b'x'; PORTION + 10];
        content.push(b'\n');
        let found = files(&content).portion(LIVE, Some("0"), None).unwrap();
        assert_eq!(found.text.len(), PORTION + CUT.len());
        assert_eq!((found.marker.as_str(), found.more), ("18:1048576", true));
    }

    #[test]
    fn what_was_live_is_read_on_by_its_marker_under_both_names() {
        let mut files = files(b"a\nb\n");
        let rotated = format!("{LIVE}.18");
        files.rotate(LIVE, &rotated, false, 0);
        files.append(&rotated, b"c\n", 0);
        files.append(LIVE, b"d\n", 0);
        assert_eq!(
            files.portion(LIVE, Some("18:2"), None),
            Ok(portion(b"b\nc\n", "0", false))
        );
        assert_eq!(
            files.portion(&rotated, Some("18:2"), None),
            Ok(portion(b"b\nc\n", "18:6", false))
        );
        assert_eq!(
            files.portion(LIVE, Some("0"), None),
            Ok(portion(b"d\n", "19:2", false))
        );
        assert_eq!(files.list("slow").len(), 1);
        files.show(&rotated);
        assert_eq!(files.list("slow").len(), 2);
    }
}
