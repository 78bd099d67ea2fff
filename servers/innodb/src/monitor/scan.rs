//! Reads the monitor's fixed sentences: literals with numbers between them, and bounded text.

use std::str::FromStr;

/// A line read from the left. Every step either moves forward or answers `None`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self(line)
    }

    /// Steps over a literal.
    pub(super) fn lit(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// Steps over a literal where it is there, and says whether it was.
    pub(super) fn eat(&mut self, literal: &str) -> bool {
        self.lit(literal).is_some()
    }

    /// A whole number, after any spaces.
    pub(super) fn number<T: FromStr>(&mut self) -> Option<T> {
        self.digits(|c| c.is_ascii_digit())
    }

    /// A number with a fraction, after any spaces.
    pub(super) fn decimal(&mut self) -> Option<f64> {
        self.digits(|c| c.is_ascii_digit() || c == '.')
    }

    /// The text before a literal; steps over both.
    pub(super) fn until(&mut self, literal: &str) -> Option<&'a str> {
        let (before, after) = self.0.split_once(literal)?;
        self.0 = after;
        Some(before)
    }

    /// A name as the server quotes it, or one word where it is not quoted.
    pub(super) fn name(&mut self) -> Option<String> {
        if !self.eat("`") {
            let end = self.0.find([' ', '.', ',']).unwrap_or(self.0.len());
            let (word, after) = self.0.split_at_checked(end)?;
            self.0 = after;
            return (!word.is_empty()).then(|| word.to_owned());
        }
        let mut name = String::new();
        loop {
            name.push_str(self.until("`")?);
            if !self.eat("`") {
                return Some(name);
            }
            name.push('`');
        }
    }

    /// What is left.
    pub(super) fn rest(self) -> &'a str {
        self.0
    }

    /// Nothing but spaces is left.
    pub(super) fn end(self) -> Option<()> {
        self.0.trim().is_empty().then_some(())
    }

    fn digits<T: FromStr>(&mut self, accept: impl Fn(char) -> bool) -> Option<T> {
        let text = self.0.trim_start_matches(' ');
        let end = text.find(|c| !accept(c)).unwrap_or(text.len());
        let (digits, after) = text.split_at_checked(end)?;
        let value = digits.parse().ok()?;
        self.0 = after;
        Some(value)
    }
}

/// The numbers of a sentence: each follows its literal, the last is followed by `tail`.
pub(super) fn counts<const N: usize>(
    line: &str,
    before: [&str; N],
    tail: &str,
) -> Option<[u64; N]> {
    let mut scan = Scan::new(line);
    let mut counts = [0; N];
    for (count, literal) in counts.iter_mut().zip(before) {
        scan.lit(literal)?;
        *count = scan.number()?;
    }
    scan.lit(tail)?;
    scan.end()?;
    Some(counts)
}

/// `Log sequence number          572119472`: the label and the number at the end of the line.
pub(super) fn labelled(line: &str) -> Option<(&str, u64)> {
    let (label, number) = line.trim_end().rsplit_once(' ')?;
    Some((label.trim_end(), number.parse().ok()?))
}

/// Whether a line is a rule: at least three of one character and nothing else.
pub(super) fn is_rule(line: &str, character: char) -> bool {
    line.len() >= 3 && line.chars().all(|c| c == character)
}

/// At most `max` bytes of a text, cut between characters.
pub(super) fn capped(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// A short name or state as owned text; `None` where there is none.
pub(super) fn short(text: &str) -> Option<String> {
    const SHORT_BYTES: usize = 512;
    let text = text.trim();
    (!text.is_empty()).then(|| capped(text, SHORT_BYTES).to_owned())
}

/// A line's time as printed, the thread printed after it, and what follows.
///
/// Seen: `2026-11-23 07:16:41 139762139604672 …`, `2026-11-23  7:16:32 0x7716b1d116c0 …`,
/// `150221 14:03:17 …`.
pub(super) fn stamp(line: &str) -> Option<(&str, Option<String>, &str)> {
    let (date, after) = line.split_once(' ')?;
    let clock = after.trim_start().split(' ').next()?;
    let dated = date.len() >= 6 && date.chars().all(|c| c.is_ascii_digit() || c == '-');
    let clocked = clock.contains(':') && clock.chars().all(|c| c.is_ascii_digit() || c == ':');
    if !dated || !clocked {
        return None;
    }
    let end = line.len() - after.trim_start().len() + clock.len();
    let (time, after) = line.split_at_checked(end)?;
    let after = after.trim_start();
    let word = after.split(' ').next().unwrap_or_default();
    let digits = word.strip_prefix("0x").unwrap_or(word);
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Some((time, None, after));
    }
    let rest = after.get(word.len()..).unwrap_or_default();
    Some((time, short(word), rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_between_their_literals() {
        let before = ["RW-shared spins ", ", rounds ", ", OS waits "];
        assert_eq!(
            counts("RW-shared spins 4, rounds 8, OS waits 2", before, ""),
            Some([4, 8, 2])
        );
        assert_eq!(counts("RW-shared spins 4, rounds 8", before, ""), None);
        assert_eq!(
            counts("RW-shared spins 4, rounds 8, OS waits 2!", before, ""),
            None
        );
    }

    #[test]
    fn quoted_names_keep_their_quotes_spaces_and_dots() {
        let mut scan = Scan::new("`a``b. c`.`d` tail");
        assert_eq!(scan.name().as_deref(), Some("a`b. c"));
        assert_eq!(scan.lit("."), Some(()));
        assert_eq!(scan.name().as_deref(), Some("d"));
        assert_eq!(scan.rest(), " tail");
        assert_eq!(Scan::new("`open").name(), None);
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(capped("aé", 2), "a");
        assert_eq!(capped("aé", 3), "aé");
        assert_eq!(capped("", 9), "");
    }

    #[test]
    fn times_are_kept_as_printed() {
        let thread = |text: &str| Some(text.to_owned());
        assert_eq!(
            stamp("2026-11-23 07:16:41 139762139604672 INNODB MONITOR OUTPUT"),
            Some((
                "2026-11-23 07:16:41",
                thread("139762139604672"),
                "INNODB MONITOR OUTPUT"
            ))
        );
        assert_eq!(
            stamp("2026-11-23  7:16:32 0x7716b1d116c0"),
            Some(("2026-11-23  7:16:32", thread("0x7716b1d116c0"), ""))
        );
        assert_eq!(
            stamp("150221 14:03:17 Error in"),
            Some(("150221 14:03:17", None, "Error in"))
        );
        assert_eq!(stamp("SELECT 1"), None);
    }
}
