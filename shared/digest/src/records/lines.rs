//! A log that may be lines of JSON, in chunks of any size.

use serde::de::IgnoredAny;

use super::any;
use crate::entry::Unread;

/// A longer line is no record: statements in records are cut far below.
const LONGEST: usize = 4 << 20;

/// Tells a log of JSON records by its first line, and turns it into text. Other logs pass through.
#[derive(Default)]
pub(crate) struct Records {
    form: Form,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// The line was too long, and its end has not come.
    is_dropping: bool,
    text: Vec<u8>,
    unread: Unread,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Form {
    #[default]
    Unknown,
    Text,
    Records,
}

impl Records {
    /// The text that a chunk of the log is, together with what was held of those before.
    pub(crate) fn text_of<'t>(&'t mut self, chunk: &'t [u8]) -> &'t [u8] {
        if self.form == Form::Unknown && self.line.is_empty() {
            match chunk.trim_ascii_start().first() {
                Some(b'{') | None => {}
                Some(_) => self.form = Form::Text,
            }
        }
        match self.form {
            Form::Text => chunk,
            Form::Records => {
                self.text.clear();
                self.lines(chunk);
                &self.text
            }
            Form::Unknown => {
                self.line.extend_from_slice(chunk);
                let is_enough = self.line.len() > LONGEST || first_line(&self.line).is_some();
                if is_enough { self.decide() } else { &[] }
            }
        }
    }

    /// The log ends here: the text of what is held of it.
    pub(crate) fn end(&mut self) -> &[u8] {
        if self.form == Form::Unknown {
            self.decide();
        } else {
            self.text.clear();
        }
        if self.form == Form::Records {
            let line = std::mem::take(&mut self.line);
            self.record(&line);
        }
        &self.text
    }

    /// Lines that are no record.
    pub(crate) fn unread(&self) -> &Unread {
        &self.unread
    }

    /// Whether the first line is an object of JSON, which no line of a slow log is.
    fn decide(&mut self) -> &[u8] {
        let held = std::mem::take(&mut self.line);
        let first = first_line(&held).unwrap_or(&held).trim_ascii();
        let is_object =
            first.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(first).is_ok();
        if is_object {
            self.form = Form::Records;
            self.lines(&held);
        } else {
            self.form = Form::Text;
            self.text = held;
        }
        &self.text
    }

    fn lines(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            rest = after.get(1..).unwrap_or_default();
            if self.line.is_empty() {
                self.record(line);
            } else {
                let mut held = std::mem::take(&mut self.line);
                held.extend_from_slice(line);
                self.record(&held);
                held.clear();
                self.line = held;
            }
        }
        self.line.extend_from_slice(rest);
        if self.line.len() > LONGEST {
            self.unread.broken_entries += u64::from(!self.is_dropping);
            self.unread.broken_bytes += self.line.len() as u64;
            self.is_dropping = true;
            self.line.clear();
        }
    }

    fn record(&mut self, line: &[u8]) {
        let was_dropping = std::mem::take(&mut self.is_dropping);
        if was_dropping {
            self.unread.broken_bytes += line.len() as u64;
        } else if !line.trim_ascii().is_empty() && any(line, &mut self.text).is_err() {
            self.unread.broken_entries += 1;
            self.unread.broken_bytes += line.len() as u64;
        }
    }
}

/// The first line that is not empty, where its end has come.
fn first_line(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii_start();
    let end = memchr::memchr(b'\n', text)?;
    text.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"time":"2026-11-23T07:15:48Z","category":"MySqlSlowLogs","properties":{"query_time":1,"sql_text":"SELECT 1"}}"#;

    fn text_of(log: &[u8], chunk: usize) -> (Vec<u8>, Unread) {
        let mut records = Records::default();
        let mut text = Vec::new();
        for chunk in log.chunks(chunk) {
            text.extend_from_slice(records.text_of(chunk));
        }
        text.extend_from_slice(records.end());
        (text, *records.unread())
    }

    #[test]
    fn records_are_turned_into_text_however_they_are_cut() {
        let log = format!("\n{RECORD}\r\n{RECORD}\n\n{RECORD}");
        let (whole, unread) = text_of(log.as_bytes(), usize::MAX);
        assert_eq!(unread, Unread::default());
        assert_eq!(
            whole.windows(8).filter(|part| part == b"SELECT 1").count(),
            3
        );
        for chunk in [1, 7, 100] {
            assert_eq!(text_of(log.as_bytes(), chunk), (whole.clone(), unread));
        }
    }

    #[test]
    fn what_is_no_record_is_counted() {
        let log = format!(
            "{RECORD}\n{{\"category\":\"other\"}}\nnonsense\n{RECORD}\n{}",
            &RECORD[..50]
        );
        let (text, unread) = text_of(log.as_bytes(), 64);
        assert_eq!(
            text.windows(8).filter(|part| part == b"SELECT 1").count(),
            2
        );
        assert_eq!(unread.broken_entries, 3);
        assert_eq!(unread.broken_bytes, 20 + 8 + 50);
    }

    #[test]
    fn a_line_without_end_is_dropped_and_counted_once() {
        let mut log = format!("{RECORD}\n").into_bytes();
        log.extend(vec![b'x'; LONGEST + 5000]);
        log.extend_from_slice(format!("\n{RECORD}\n").as_bytes());
        let (text, unread) = text_of(&log, 1 << 16);
        assert_eq!(
            text.windows(8).filter(|part| part == b"SELECT 1").count(),
            2
        );
        assert_eq!(
            (unread.broken_entries, unread.broken_bytes),
            (1, LONGEST as u64 + 5000)
        );
    }

    #[test]
    fn text_passes_through_even_where_it_begins_like_a_record() {
        for log in [
            "# Time: x\n# User",
            "{\"a\": 1} + {\nFROM t;\n# Time: x",
            "",
            "  \n",
            "{",
        ] {
            for chunk in [1, 3, usize::MAX] {
                assert_eq!(text_of(log.as_bytes(), chunk).0, log.as_bytes(), "{log:?}");
            }
        }
    }
}
