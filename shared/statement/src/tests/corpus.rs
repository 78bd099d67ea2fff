//! Statements that broke into somebody's "read-only" server, and their kin.

use super::allow;
use crate::Refused;

/// The view, which cannot be told from a table by its name: the server is asked.
const ASKED: &str = "attack_view";

fn statements(file: &str) -> Vec<&str> {
    file.split("\n----\n")
        .map(|one| one.trim_end_matches('\n'))
        .collect()
}

#[test]
fn nothing_with_an_effect_is_allowed() {
    let attacks = statements(include_str!("../../fixtures/attacks.txt"));
    assert!(attacks.len() >= 100, "{}", attacks.len());
    for attack in attacks.iter().filter(|one| !one.contains(ASKED)) {
        let outcome = allow(attack);
        assert!(
            outcome.is_err(),
            "{attack}\nbecomes {}",
            outcome.unwrap().as_str()
        );
    }
}

#[test]
fn what_is_harmless_is_written_as_one_query_that_only_reads() {
    let harmless = statements(include_str!("../../fixtures/harmless.txt"));
    assert!(harmless.len() >= 25, "{}", harmless.len());
    for text in harmless {
        let written = allow(text).unwrap_or_else(|refused| panic!("{text}: {refused}"));
        let sql = written.as_str();
        for word in [
            "FOR UPDATE",
            "LOCK IN",
            "SET_VAR",
            "FOUND_ROWS",
            "/*",
            "--",
            "#",
        ] {
            let outside = crate::tests::written::without_quoted(sql);
            assert!(!outside.contains(word), "{text}\nbecomes {sql}");
        }
        assert!(
            sql.starts_with("SELECT ") || sql.starts_with("WITH ") || sql.starts_with("(SELECT ")
        );
    }
}

#[test]
fn a_refusal_says_which_it_was() {
    for (text, says) in [
        ("SELECT SLEEP(20)", "function SLEEP"),
        ("SELECT shop.attack()", "function shop.attack"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELECT * FROM orders WHERE id = ?", "placeholders"),
        ("SELECT @a", "variable"),
        ("SELECT 1 INTO OUTFILE 'x'", "INTO"),
        ("SELECT /*!1 1 */", "comment that servers execute"),
        ("DROP TABLE orders", "DROP is not explained"),
        ("INSERT INTO orders VALUES (1)", "reads no table"),
        ("SELECT * FROM mysql.user", "the server's own"),
        ("SELECT * FROM orders WHERE note = 'cut o", "cut off"),
        ("", "no statement"),
    ] {
        let refused = allow(text).expect_err(text).to_string();
        assert!(refused.contains(says), "{text}: {refused}");
    }
    let named = crate::Explainable::allow("SELECT * FROM orders", None, crate::Grammar::MySql);
    assert_eq!(named.unwrap_err(), Refused::NoSchema);
}

#[test]
fn a_refusal_repeats_no_literal() {
    for text in [
        "SELECT canary('canary')",
        "SELECT 'canary' INTO OUTFILE 'canary'",
        "CANARY 'canary'",
        "SELECT `can ary 'x'`('canary')",
        "SELECT 'canary' FROM t WHERE a = 'canary",
    ] {
        let refused = allow(text).expect_err(text).to_string();
        assert!(!refused.contains("'canary"), "{refused}");
        assert!(!refused.contains("can ary"), "{refused}");
    }
}
