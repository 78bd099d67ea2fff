//! How many lines to ask RDS for, where to go on, and what it cut: the rules of
//! `DownloadDBLogFilePortion`. It does no I/O.
//!
//! A portion holds 10,000 lines at most, and 1 MB: what is longer is cut in the middle of a line and
//! [`CUT`] is put after it, so fewer lines are asked for. A marker is `HOUR:OFFSET`; at the end of what
//! was live and is rotated now it may be `0`, which as a question means the beginning.

/// The beginning of a file.
pub(super) const BEGINNING: &str = "0";
/// What RDS puts after a portion that it cut.
const CUT: &str = "[Your log message was truncated]";
/// Lines of a portion at most.
const MOST_LINES: i32 = 10_000;
/// A portion below this has room for more lines.
const ROOM: usize = 512 << 10;
/// Bytes passed over at first where RDS takes a file for binary; each time twice as many.
const PASSED_OVER: u64 = 1000;
/// Passed over so often, it is no log.
const MOST_PASSED_OVER: u32 = 12;

/// How many lines to ask for.
#[derive(Debug)]
pub(super) struct Pace {
    lines: i32,
    passed_over: u32,
}

/// What to do with a portion.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict<'t> {
    /// All of it.
    Whole(&'t str),
    /// Ask for it again, with fewer lines.
    Again,
    /// A line longer than a portion: this much RDS gives of it.
    CutLine(&'t str),
}

/// What to do where RDS takes a file for binary.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Binary {
    /// Ask again, with fewer lines.
    Again,
    /// Go on behind so many bytes.
    PassOver(u64),
    GiveUp,
}

/// Where to go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// With this marker.
    Marker(String),
    /// Nowhere: what was live when the reading began is rotated, and was read to its end.
    Ended,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lines: MOST_LINES,
            passed_over: 0,
        }
    }
}

impl Pace {
    pub(super) fn lines(&self) -> i32 {
        self.lines
    }

    pub(super) fn judge<'t>(&mut self, text: &'t str) -> Verdict<'t> {
        let Some(kept) = text.trim_end().strip_suffix(CUT) else {
            if text.len() < ROOM {
                self.lines = self.lines.saturating_mul(2).min(MOST_LINES);
            }
            self.passed_over = 0;
            return Verdict::Whole(text);
        };
        if self.lines == 1 {
            return Verdict::CutLine(kept);
        }
        let whole = kept.bytes().filter(|b| *b == b'\n').count();
        // Lines are not all of a length.
        let fewer = i32::try_from(whole - whole / 8).unwrap_or(MOST_LINES);
        self.lines = fewer.min(self.lines - 1).max(1);
        Verdict::Again
    }

    pub(super) fn binary(&mut self) -> Binary {
        if self.lines > 1 {
            self.lines = (self.lines / 8).max(1);
            return Binary::Again;
        }
        if self.passed_over == MOST_PASSED_OVER {
            return Binary::GiveUp;
        }
        self.passed_over += 1;
        Binary::PassOver(PASSED_OVER << (self.passed_over - 1))
    }
}

/// Where to go on after a portion of `bytes` that was asked for with `asked`.
pub(super) fn next(asked: &str, given: Option<&str>, bytes: u64) -> Next {
    match given {
        Some(given) if given != BEGINNING => match (hour(asked), hour(given)) {
            (Some(before), Some(after)) if before != after => Next::Ended,
            _ => Next::Marker(given.to_owned()),
        },
        _ if bytes == 0 => Next::Ended,
        _ => ahead(asked, bytes).map_or(Next::Ended, Next::Marker),
    }
}

/// The marker `bytes` further on.
pub(super) fn ahead(marker: &str, bytes: u64) -> Option<String> {
    let (hour, offset) = marker.split_once(':')?;
    let offset = offset.parse::<u64>().ok()?.checked_add(bytes)?;
    Some(format!("{hour}:{offset}"))
}

/// The hour a marker begins with.
pub(super) fn hour(marker: &str) -> Option<u8> {
    let (hour, _) = marker.split_once(':')?;
    hour.parse().ok().filter(|hour| *hour < 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_portion_is_asked_for_again_with_the_lines_that_were_whole() {
        let mut pace = Pace::default();
        let text = format!(
            "{}half [Your log message was truncated]\n",
            "line\n".repeat(800)
        );
        assert_eq!(pace.judge(&text), Verdict::Again);
        assert_eq!(pace.lines(), 700);
        let text = "line\n".repeat(700);
        assert_eq!(pace.judge(&text), Verdict::Whole(&text));
        assert_eq!(pace.lines(), 1400, "short lines leave room for more");
    }

    #[test]
    fn a_portion_that_is_nearly_full_is_followed_by_one_of_as_many_lines() {
        let mut pace = Pace {
            lines: 100,
            ..Pace::default()
        };
        let text = format!("{}\n", "x".repeat(ROOM));
        assert_eq!(pace.judge(&text), Verdict::Whole(&text));
        assert_eq!(pace.lines(), 100);
    }

    #[test]
    fn asking_again_ends_and_a_line_that_is_too_long_is_taken_as_it_is_given() {
        let mut pace = Pace::default();
        let text = "xxx [Your log message was truncated]\n";
        assert_eq!(pace.judge(text), Verdict::Again);
        assert_eq!(pace.lines(), 1);
        assert_eq!(pace.judge(text), Verdict::CutLine("xxx "));
    }

    #[test]
    fn what_is_taken_for_binary_is_closed_in_on_and_then_passed_over() {
        let mut pace = Pace::default();
        let mut asked = 0;
        while pace.binary() == Binary::Again {
            asked += 1;
        }
        assert_eq!((asked, pace.lines()), (5, 1));
        assert_eq!(pace.binary(), Binary::PassOver(2000));
        let mut last = Binary::Again;
        for _ in 0..20 {
            last = pace.binary();
        }
        assert_eq!(last, Binary::GiveUp);
    }

    #[test]
    fn reading_goes_on_by_the_marker_or_by_what_was_read() {
        let marker = |text: &str| Next::Marker(text.to_owned());
        assert_eq!(next("0", Some("18:500"), 500), marker("18:500"));
        assert_eq!(next("18:500", Some("18:700"), 200), marker("18:700"));
        assert_eq!(next("18:500", Some("0"), 200), marker("18:700"));
        assert_eq!(next("18:700", Some("0"), 0), Next::Ended);
        assert_eq!(next("18:700", Some("19:0"), 40), Next::Ended);
        assert_eq!(next("18:700", None, 0), Next::Ended);
        assert_eq!(next("0", Some("0"), 40), Next::Ended);
    }
}
