//! The mistakes of one text, collected while it is read.

use std::ops::Range;

use crate::Mistake;

/// Mistakes found so far, and the way from an offset in the text to a line.
pub(crate) struct Report<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    mistakes: Vec<Mistake>,
}

impl<'t> Report<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
            mistakes: Vec::new(),
        }
    }

    /// What is wrong with a field.
    pub(crate) fn add(&mut self, at: &Range<usize>, field: &str, what: impl Into<String>) {
        self.push(at, Some(field.to_owned()), what.into());
    }

    /// What is wrong with the text before it has fields.
    pub(crate) fn add_to_text(&mut self, at: &Range<usize>, what: impl Into<String>) {
        self.push(at, None, what.into());
    }

    pub(crate) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// In the order of the file, each once: a wrong default is seen by every instance.
    pub(crate) fn finish(mut self) -> Vec<Mistake> {
        self.mistakes.sort();
        self.mistakes.dedup();
        self.mistakes
    }

    fn push(&mut self, at: &Range<usize>, field: Option<String>, what: String) {
        let line = self.line(at.start);
        let line_start = self.line_starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(line_start..at.start).unwrap_or_default();
        self.mistakes.push(Mistake {
            line,
            column: before.chars().count() + 1,
            field,
            what,
        });
    }
}
