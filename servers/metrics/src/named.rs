//! Series as callers name them: a signal of the vocabulary, or the store's own name with some of its
//! labels, `name{label="value"}`.

use std::collections::BTreeMap;

use storex_series::SeriesId;
use storex_sources::{Wanted, signal};
use storex_tool::ToolError;

/// The longest name, and value of a label.
const LONGEST: usize = 200;

/// The series a text names.
///
/// # Errors
/// Bad input where it names none. The text is not repeated.
pub(crate) fn wanted(text: &str) -> Result<Wanted, ToolError> {
    if let Some(signal) = signal(text.trim()) {
        return Ok(Wanted::Signal(signal));
    }
    series_id(text.trim()).map(Wanted::Named).ok_or_else(|| {
        ToolError::bad_input(
            "argument `series`: write the name of a signal, such as qps, or the store's own name of a \
             series, with some of its labels or none: name{label=\"value\"}",
        )
    })
}

fn series_id(text: &str) -> Option<SeriesId> {
    let (name, labels) = match text.split_once('{') {
        Some((name, rest)) => (name.trim_end(), labels(rest.strip_suffix('}')?)?),
        None => (text, BTreeMap::new()),
    };
    is_name(name).then(|| SeriesId {
        name: name.to_owned(),
        labels,
    })
}

/// A name of Prometheus, or of a cloud (`ReadIOPS`, `cloudsql.googleapis.com/database/cpu/utilization`).
fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_:./-%() ".contains(&b);
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(plain)
}

fn labels(text: &str) -> Option<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (label, after) = rest.split_once('=')?;
        let label = label.trim();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let begins = label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !begins || label.len() > LONGEST || !label.bytes().all(plain) {
            return None;
        }
        let (value, after) = quoted(after.trim_start())?;
        labels.insert(label.to_owned(), value);
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(labels)
}

/// The text in double quotes a text begins with, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.strip_prefix('"')?.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                // One quote before, one here.
                let (_, rest) = text.split_at_checked(at + 2)?;
                return (value.len() <= LONGEST).then_some((value, rest));
            }
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                other @ ('"' | '\\') => other,
                _ => return None,
            }),
            character if character.is_control() => return None,
            character => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_signal_is_known_by_its_name_and_all_else_is_the_stores() {
        assert!(matches!(wanted(" qps ").unwrap(), Wanted::Signal(signal) if signal.name == "qps"));
        let Wanted::Named(id) = wanted(r#"node_cpu { mode = "id\"le", cpu="0", }"#).unwrap() else {
            panic!("a name of the store's own expected");
        };
        assert_eq!(id.to_string(), r#"node_cpu{cpu="0",mode="id\"le"}"#);
        assert!(matches!(
            wanted("cloudsql.googleapis.com/database/cpu/utilization").unwrap(),
            Wanted::Named(_)
        ));
    }

    #[test]
    fn what_names_no_series_is_refused_and_not_repeated() {
        for text in [
            "",
            "hunter2\"",
            "hunter2}",
            "up{hunter2}",
            "up{a=hunter2}",
            "up{a=\"hunter2}",
            "up{a=\"hunter2\"} or x",
            "up{9=\"hunter2\"}",
            "up{a=\"hunter\u{7}2\"}",
            "up;hunter2",
        ] {
            let error = wanted(text).unwrap_err();
            assert!(!error.message.contains("hunter2"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_series_is_read_as_it_is_written(
            name in "[a-z_:][a-z0-9_:]{0,20}",
            labels in proptest::collection::btree_map("[a-z_][a-z0-9_]{0,8}", "[ -~é]{0,12}", 0..4),
        ) {
            let id = SeriesId { name, labels };
            prop_assert_eq!(series_id(&id.to_string()), Some(id));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            let _ = wanted(&text);
        }
    }
}
