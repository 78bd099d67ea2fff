//! Selectors of series: how those of an instance are written, and how others are kept within them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{self, Expr};

use super::settings::{Selectors, SettingsError};

/// The label that holds a series' name.
pub(super) const NAME: &str = "__name__";
/// How the names of a host's series begin.
const OF_HOST: &str = "node_";

/// The matchers of an instance's series.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    database: Vec<Matcher>,
    host: Option<Vec<Matcher>>,
}

/// Whose series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Database,
    Host,
}

impl Instance {
    pub(super) fn new(selectors: &Selectors) -> Result<Self, SettingsError> {
        Ok(Self {
            database: matchers(&selectors.database)?,
            host: selectors.host.as_deref().map(matchers).transpose()?,
        })
    }

    pub(super) fn has_host(&self) -> bool {
        self.host.is_some()
    }

    /// Whose a series of that name is.
    pub(super) fn of(&self, name: Option<&str>) -> Of {
        match name {
            Some(name) if self.has_host() && name.starts_with(OF_HOST) => Of::Host,
            _ => Of::Database,
        }
    }

    pub(super) fn matchers(&self, of: Of) -> &[Matcher] {
        match of {
            Of::Database => &self.database,
            Of::Host => self.host.as_deref().unwrap_or(&self.database),
        }
    }

    /// A selector of an instance's series with more matchers, as it is sent.
    pub(super) fn selector(&self, of: Of, more: &[Matcher]) -> String {
        let mut text = String::from("{");
        for matcher in more.iter().chain(self.matchers(of)) {
            if text.len() > 1 {
                text.push(',');
            }
            let _infallible = write!(text, "{matcher}");
        }
        text.push('}');
        text
    }

    /// The labels that the selector itself states.
    pub(super) fn stated(&self, of: Of) -> BTreeMap<String, String> {
        self.matchers(of)
            .iter()
            .filter(|matcher| matcher.op == MatchOp::Equal)
            .map(|matcher| (matcher.name.clone(), matcher.value.clone()))
            .collect()
    }
}

/// `label="value"`.
pub(super) fn equal(label: &str, value: &str) -> Matcher {
    Matcher::new(MatchOp::Equal, label, value)
}

/// `label=~"value|value"`, each value as it is.
pub(super) fn one_of(label: &str, values: &[&str]) -> Option<Matcher> {
    let pattern: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    matching(label, &pattern.join("|"))
}

/// `label=~"pattern"`.
pub(super) fn matching(label: &str, pattern: &str) -> Option<Matcher> {
    let op = parser::token::T_EQL_REGEX;
    Matcher::new_matcher(op, label.to_owned(), pattern.to_owned()).ok()
}

/// Text as a pattern that matches only it, in RE2 as in other dialects.
pub(super) fn quoted(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// Whether a label may stand in a query of ours or a caller's: those with two underscores before them mean
/// something to one store or another.
pub(super) fn is_plain_label(name: &str) -> bool {
    let mut bytes = name.bytes();
    let begins = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    begins
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && (!name.starts_with("__") || name == NAME)
}

/// Whether a name may stand unquoted in a query.
pub(super) fn is_plain_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte == b':';
    bytes.next().is_some_and(is_letter)
        && bytes.all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

fn matchers(text: &str) -> Result<Vec<Matcher>, SettingsError> {
    let wrong = |why| SettingsError::Selector { why };
    let text = text.trim();
    let braced = if text.starts_with('{') {
        text.to_owned()
    } else {
        format!("{{{text}}}")
    };
    let Ok(Expr::VectorSelector(selector)) = parser::parse(&braced) else {
        return Err(wrong("cannot be read"));
    };
    if selector.name.is_some() || selector.offset.is_some() || selector.at.is_some() {
        return Err(wrong("holds more than label matchers"));
    }
    if !selector.matchers.or_matchers.is_empty() {
        return Err(wrong("holds `or`"));
    }
    let matchers = selector.matchers.matchers;
    if matchers
        .iter()
        .any(|matcher| matcher.name == NAME || !is_plain_label(&matcher.name))
    {
        return Err(wrong("matches what is no label of a series"));
    }
    if matchers.iter().all(|matcher| matcher.is_match("")) {
        return Err(wrong("matches series of every instance"));
    }
    Ok(matchers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(database: &str) -> Result<Instance, SettingsError> {
        Instance::new(&Selectors {
            database: database.to_owned(),
            host: Some(r#"instance="db1:9100""#.to_owned()),
        })
    }

    #[test]
    fn a_selector_is_label_matchers_with_or_without_braces() {
        for text in [
            r#"instance="db1:9104""#,
            r#" {instance="db1:9104"} "#,
            r"{instance='db1:9104'}",
        ] {
            let instance = instance(text).unwrap();
            let sent = instance.selector(Of::Database, &[equal(NAME, "mysql_up")]);
            assert_eq!(sent, r#"{__name__="mysql_up",instance="db1:9104"}"#);
        }
    }

    #[test]
    fn a_selector_that_could_match_another_instances_series_is_refused() {
        for text in [
            "",
            r#"instance=~".*""#,
            r#"instance!="db2""#,
            r#"instance="a" or instance="b""#,
            r#"mysql_up{instance="a"}"#,
            r#"__name__="mysql_up""#,
            r#"{instance="a"} offset 1h"#,
            r#"instance="a"} or up{job="b""#,
            r#"__graphite__="a.b""#,
        ] {
            assert!(instance(text).is_err(), "{text}");
        }
    }

    #[test]
    fn quoted_text_matches_only_itself() {
        let matcher = one_of("table", &["a.b|c", "d\\e"]).unwrap();
        assert!(matcher.is_match("a.b|c") && matcher.is_match("d\\e"));
        assert!(!matcher.is_match("axb") && !matcher.is_match("c"));
    }
}
