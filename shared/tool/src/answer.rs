//! The shape of an answer: headline, findings, the tool's own data, and what could not be seen.

use serde::Serialize;
use serde_json::Value;

use crate::{Attachments, Finding, Picture};

/// What a tool returns. The stack adds when and from where it was read, and the coverage.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// One sentence a tired engineer can act on.
    pub headline: String,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// The tool's own typed data; an object, its fields stand beside the headline.
    pub data: T,
    /// What the tool itself left out.
    pub truncated: Vec<Truncated>,
    /// Pictures, and what the tool's page draws.
    pub attachments: Attachments,
}

impl<T> Answer<T> {
    /// An answer with nothing left out. Findings are put in order of severity.
    pub fn new(headline: impl Into<String>, mut findings: Vec<Finding>, data: T) -> Self {
        findings.sort_by_key(|finding| finding.severity);
        Self {
            headline: headline.into(),
            findings,
            data,
            truncated: Vec::new(),
            attachments: Attachments::default(),
        }
    }

    /// The same with a picture, sent beside the text. The structured value must say in words what it
    /// shows.
    #[must_use]
    pub fn with_picture(mut self, picture: Picture) -> Self {
        self.attachments.pictures.push(picture);
        self
    }

    /// The same with data for the tool's page ([`crate::Tool::APP`]).
    #[must_use]
    pub fn with_app_data(mut self, data: Value) -> Self {
        self.attachments.app_data = Some(data);
        self
    }

    /// Says that only `kept` of `total` entries of `what` are shown; nothing when all are.
    #[must_use]
    pub fn cut(mut self, what: &'static str, kept: usize, total: usize) -> Self {
        if kept < total {
            let how = "raise `limit`, or ask with `detail`: \"full\"".to_owned();
            self.truncated.push(Truncated {
                what: what.to_owned(),
                kept,
                total,
                how,
            });
        }
        self
    }
}

/// What was expected to answer, what did, and what is missing and why. Absence of evidence is
/// never shown as health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Reads attempted.
    pub expected: usize,
    /// Reads that answered.
    pub answered: usize,
    /// The others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
}

impl Coverage {
    /// Takes in the coverage of another instance, each entry under its name.
    pub(crate) fn join(&mut self, other: Self, name: &str) {
        self.expected += other.expected;
        self.answered += other.answered;
        self.missing
            .extend(other.missing.into_iter().map(|missing| Missing {
                what: format!("{name}: {}", missing.what),
                ..missing
            }));
    }

    /// A headline that says first how much of what it rests on is missing: what a tool could not see
    /// must not read as health.
    pub(crate) fn qualify(&self, headline: String) -> String {
        match self.expected.saturating_sub(self.answered) {
            0 => headline,
            missing => {
                let expected = self.expected;
                format!(
                    "{missing} of {expected} reads are missing; as far as can be seen, {headline}"
                )
            }
        }
    }
}

/// One thing that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What could not be read.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do so that it can be read next time.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fix: String,
}

/// Something left out of an answer, and how to ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Truncated {
    /// The field that was cut.
    pub what: String,
    /// Entries kept.
    pub kept: usize,
    /// Entries there were.
    pub total: usize,
    /// How to get the rest.
    pub how: String,
}
