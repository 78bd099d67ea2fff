//! What a wrong file is told, and that no text makes the reader panic.

use proptest::prelude::*;

use crate::tests::{DEFAULTS, RECORDED, parse, words};
use crate::{Inventory, InventoryError};

const BROKEN: &str = include_str!("../../fixtures/broken.toml");

#[test]
fn every_mistake_is_told_at_once_with_its_place_and_what_to_do() {
    let path = "inventory.toml".into();
    let mistakes = parse(BROKEN).unwrap_err();
    insta::assert_snapshot!(InventoryError::Wrong { path, mistakes });
}

#[test]
fn every_error_of_syntax_is_told_and_nothing_is_guessed_from_the_rest() {
    let text = "[[instance]]\nname = \nregion = 'eu\n\n[instance\nuser = \"a\"\n";
    insta::assert_snapshot!(words(&parse(text).unwrap_err()));
}

#[test]
fn a_mistake_in_the_defaults_is_told_once() {
    let text = format!(
        "[defaults]\ncloud = \"awz\"\n{RECORDED}{}",
        RECORDED.replace("incident-42", "incident-43")
    );
    assert_eq!(
        words(&parse(&text).unwrap_err()),
        "2:9: defaults.cloud: \"awz\" is not known; did you mean \"aws\"?"
    );
}

#[test]
fn the_rest_of_very_many_mistakes_is_counted() {
    let mistakes = parse(&"[[instance]]\n".repeat(30)).unwrap_err();
    assert_eq!(mistakes.len(), 180, "six each");
    let text = InventoryError::Wrong {
        path: "i.toml".into(),
        mistakes,
    }
    .to_string();
    assert!(
        text.starts_with("inventory i.toml cannot be used; correct 180 mistakes:\ni.toml:1:1:")
    );
    assert!(text.ends_with("\nand 130 more"), "{text}");
    assert_eq!(text.lines().count(), 52);
}

#[test]
fn columns_count_characters_and_lines_may_end_in_any_way() {
    let text = format!(
        "{DEFAULTS}tags = {{ \"é\" = \"ü\", b = 1 }}\r\n[[instance]]\r\nname = \"a\"\r\n\
                        snapshot = \"s\"\r\n"
    );
    let mistakes = parse(&text).unwrap_err();
    assert_eq!(
        words(&mistakes),
        "7:25: defaults.tags.b: must be text; write it in quotes"
    );
}

#[test]
fn a_missing_file_says_so_and_a_binary_one_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.toml");
    let error = Inventory::load(&path).unwrap_err();
    assert!(matches!(error, InventoryError::Read { .. }), "{error}");

    std::fs::write(&path, b"[defaults]\nregion = \"\xff\"\n").unwrap();
    let Err(InventoryError::Wrong { mistakes, .. }) = Inventory::load(&path) else {
        panic!("a mistake expected");
    };
    assert_eq!(
        words(&mistakes),
        "2:11: is not UTF-8 from here on; save the file as UTF-8"
    );
}

#[test]
fn a_password_in_broken_text_is_not_repeated() {
    for text in [
        "password = \"hunter2",
        "password = hunter2",
        "password = { env = 'hunter2' ",
        "= hunter2",
    ] {
        let mistakes = words(&parse(text).unwrap_err());
        assert!(!mistakes.contains("hunter2"), "{mistakes}");
    }
}

#[test]
fn deep_nesting_is_refused_rather_than_followed() {
    assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
    assert!(parse(&format!("{} = 1", vec!["a"; 10_000].join("."))).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_change_to_a_real_file_makes_it_panic(
        at in 0.0..1.0,
        cut in 0_usize..40,
        put in "[\\[\\]{}\"'=.,#\\n\\\\a-z0-9é ]{0,6}",
    ) {
        let characters: Vec<char> = BROKEN.chars().collect();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a short text"
        )]
        let at = (at * characters.len() as f64) as usize;
        let end = (at + cut).min(characters.len());
        let text: String = characters[..at].iter().copied()
            .chain(put.chars())
            .chain(characters[end..].iter().copied())
            .collect();
        if let Err(mistakes) = parse(&text) {
            prop_assert!(!mistakes.is_empty());
            let lines = text.split('\n').count();
            for mistake in mistakes {
                prop_assert!((1..=lines).contains(&mistake.line), "{mistake}");
            }
        }
    }
}
