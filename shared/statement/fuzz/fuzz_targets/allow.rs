//! `cargo fuzz run allow corpus/allow ../fixtures`: any text is refused, or becomes one query that
//! only reads and is written the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storex_statement::{Explainable, Grammar};

fuzz_target!(|text: &str| {
    for grammar in [Grammar::MySql, Grammar::MariaDb] {
        let Ok(written) = Explainable::allow(text, Some("shop"), grammar) else {
            continue;
        };
        let sql = written.as_str();
        let again = Explainable::allow(sql, None, grammar);
        assert_eq!(again.map(|one| one.as_str().to_owned()).as_deref(), Ok(sql));
        let bare = without_quoted(sql);
        // A call has its bracket: a part of a collation's name is none.
        for word in [
            ";",
            "/*",
            "--",
            "#",
            "@",
            ":=",
            "?",
            " INTO ",
            "SLEEP(",
            "LOAD_FILE(",
        ] {
            assert!(!bare.contains(word), "{sql}");
        }
    }
});

/// A text without what stands in quotes.
fn without_quoted(sql: &str) -> String {
    let mut out = String::new();
    let mut chars = sql.chars();
    while let Some(c) = chars.next() {
        if !matches!(c, '\'' | '`') {
            out.push(c);
            continue;
        }
        while let Some(inside) = chars.next() {
            if inside == '\\' && c == '\'' {
                chars.next();
            } else if inside == c {
                break;
            }
        }
    }
    out
}
