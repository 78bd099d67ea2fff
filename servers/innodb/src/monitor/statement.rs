//! Statement text, over as many lines as the client sent.

use super::scan::capped;

/// The server prints at most 3,000 characters of a statement.
const STATEMENT_BYTES: usize = 4_096;

/// Collects a statement's lines.
#[derive(Debug, Default)]
pub(super) struct StatementText {
    text: String,
    blank_lines: usize,
    cut: bool,
}

impl StatementText {
    pub(super) fn line(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.push("\n");
        }
        for _ in 0..std::mem::take(&mut self.blank_lines).min(STATEMENT_BYTES) {
            self.push("\n");
        }
        self.push(line);
    }

    /// An empty line belongs to the statement only if more of it follows.
    pub(super) fn blank(&mut self) {
        self.blank_lines += 1;
    }

    /// The statement, and whether it was cut.
    pub(super) fn finish(self) -> (Option<String>, bool) {
        ((!self.text.is_empty()).then_some(self.text), self.cut)
    }

    fn push(&mut self, text: &str) {
        let room = STATEMENT_BYTES.saturating_sub(self.text.len());
        let fits = capped(text, room);
        self.cut |= fits.len() < text.len();
        self.text.push_str(fits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_inside_are_kept_and_those_after_are_not() {
        let mut statement = StatementText::default();
        statement.line("SELECT 1");
        statement.blank();
        statement.line("FROM t");
        statement.blank();
        assert_eq!(
            statement.finish(),
            (Some("SELECT 1\n\nFROM t".to_owned()), false)
        );
    }

    #[test]
    fn a_long_statement_is_cut_and_says_so() {
        let mut statement = StatementText::default();
        statement.line(&"é".repeat(3_000));
        statement.line("tail");
        let (text, cut) = statement.finish();
        assert!(cut);
        assert_eq!(text.unwrap().len(), 4_096);
    }
}
