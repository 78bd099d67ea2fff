//! Where entries begin.

use memchr::memmem::Finder;

use super::lines::line_end;

const TIME: &[u8] = b"# Time: ";
const USER: &[u8] = b"# User@Host: ";

/// Finds where entries begin.
pub(crate) struct Boundaries {
    line: Finder<'static>,
    user: Finder<'static>,
    time: Finder<'static>,
}

impl Boundaries {
    pub(crate) fn new() -> Self {
        Self {
            line: Finder::new(b"\n# "),
            user: Finder::new(b"\n# User@Host: "),
            time: Finder::new(b"\n# Time: "),
        }
    }

    /// Where the entry after the one whose body begins there begins; none where the text ends first.
    pub(super) fn after(&self, text: &[u8], body: usize) -> Option<usize> {
        // The line break before the first line of the body is part of the search.
        let mut from = body.saturating_sub(1);
        loop {
            let at = from + self.line.find(text.get(from..)?)? + 1;
            match begins(text.get(at..)?) {
                Begins::Yes => return Some(at),
                Begins::No => from = at,
                Begins::Unknown => return None,
            }
        }
    }

    /// Where the last entry begins, for cutting a text in two; none where there is no second entry.
    pub(crate) fn last(&self, text: &[u8]) -> Option<usize> {
        let timed = last_of(text, &self.time);
        timed.or_else(|| last_of(text, &self.user))
    }

    /// Where the first entry begins.
    pub(crate) fn first(&self, text: &[u8]) -> Option<usize> {
        if begins(text) == Begins::Yes {
            return Some(0);
        }
        let mut from = 0;
        loop {
            let at = from + self.line.find(text.get(from..)?)? + 1;
            if begins(text.get(at..)?) == Begins::Yes {
                return Some(at);
            }
            from = at;
        }
    }
}

fn last_of(text: &[u8], needle: &Finder<'_>) -> Option<usize> {
    // `Finder` searches forwards: look in ever larger tails, for entries are short.
    let mut tail = 1 << 14;
    loop {
        let start = text.len().saturating_sub(tail);
        let (mut from, mut last) = (start, None);
        while let Some(found) = text.get(from..).and_then(|rest| needle.find(rest)) {
            let at = from + found + 1;
            if text.get(at..).map(begins) == Some(Begins::Yes) {
                last = Some(at);
            }
            from = at;
        }
        if last.is_some() || start == 0 {
            return last;
        }
        tail = tail.saturating_mul(8);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    Yes,
    No,
    /// The text ends before it can be told.
    Unknown,
}

/// Whether an entry begins here: `# Time:` followed by a header line, or `# User@Host:` followed by one.
fn begins(text: &[u8]) -> Begins {
    let is_time = text.starts_with(TIME);
    if !is_time && !text.starts_with(USER) {
        return if USER.starts_with(text) || TIME.starts_with(text) {
            Begins::Unknown
        } else {
            Begins::No
        };
    }
    let Some(rest) = line_end(text).and_then(|end| text.get(end + 1..)) else {
        return Begins::Unknown;
    };
    if is_time {
        one_of([USER], rest)
    } else {
        one_of([b"# Query_time: ", b"# Thread_id: ", b"# Schema: "], rest)
    }
}

/// Whether a text begins with one of these.
#[inline]
fn one_of<const N: usize>(lines: [&[u8]; N], text: &[u8]) -> Begins {
    if lines.iter().any(|line| text.starts_with(line)) {
        Begins::Yes
    } else if lines.iter().any(|line| line.starts_with(text)) {
        Begins::Unknown
    } else {
        Begins::No
    }
}
