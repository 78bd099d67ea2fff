//! What holds for any text.

use proptest::prelude::*;

use super::super::{form, without_quoted};
use super::{entries, tally};

/// Pieces messages and heads are made of, with what breaks naive readers.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "2026-11-23T07:16:33Z ",
        "2026-11-23  7:16:33 ",
        "0 ",
        "[Note] ",
        "[ERROR] ",
        "[MY-010926] ",
        "[Server] ",
        "InnoDB: ",
        "'",
        "\"",
        "`",
        "@",
        " ",
        "\n",
        "\r\n",
        "{",
        "}",
        "\"time\" : \"",
        "Duplicate entry ",
        "' for key ",
        " Query: ",
        "MY-",
        "0x1f",
        "77",
        "abc",
        "c1a't",
        "é",
        "\u{202e}",
        ".",
        "-",
        ":",
        "UTC - mysqld got signal 11 ;",
        "*** ",
        "user: '",
        "table ",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_form_of_a_form_is_itself(message in prop_oneof![text(), ".{0,400}"]) {
        let once = form(&message);
        prop_assert_eq!(form(&once), once.clone(), "{:?}", message);
        let plain = without_quoted(&message);
        prop_assert_eq!(without_quoted(&plain), plain.clone(), "{:?}", message);
    }

    #[test]
    fn no_number_survives_but_codes(message in prop_oneof![text(), ".{0,200}"]) {
        let form = form(&message);
        let inside = |c: char| c.is_alphanumeric() || "_$'".contains(c);
        for (at, _) in form.match_indices(char::is_numeric) {
            let before = &form[..at];
            let begins = !before.ends_with(inside);
            prop_assert!(!begins || before.ends_with("MY-"), "{form}");
        }
    }

    #[test]
    fn what_stands_in_quotes_never_survives(value in "[a-z]{12}( [a-z]{12}){0,3}", key in any::<bool>()) {
        let message = if key {
            format!("Duplicate entry '{value}' for key 'PRIMARY'")
        } else {
            format!("Access denied for user '{value}'@'{value}' to database '{value}'")
        };
        for word in value.split(' ') {
            prop_assert!(!form(&message).contains(word));
        }
    }

    #[test]
    fn every_line_is_counted_once_however_it_comes(log in prop_oneof![text(), ".{0,400}"], piece in 1usize..50) {
        let (read, lines) = entries(log.as_bytes(), piece);
        prop_assert_eq!(lines.total, lines.heads + lines.more + lines.before);
        prop_assert_eq!(lines.heads, read.len() as u64);
        let ended = log.matches('\n').count() + usize::from(!log.is_empty() && !log.ends_with('\n'));
        prop_assert_eq!(lines.total, ended as u64);
        prop_assert_eq!(entries(log.as_bytes(), usize::MAX), (read, lines));
    }

    #[test]
    fn every_entry_is_counted_once(log in text()) {
        let (read, _) = entries(log.as_bytes(), usize::MAX);
        let tally = tally(&log);
        let grouped: u64 = tally.groups().iter().map(|group| group.count).sum();
        prop_assert_eq!(tally.entries, read.len() as u64);
        prop_assert_eq!(tally.entries, grouped + tally.parts + tally.beyond_forms);
    }
}
