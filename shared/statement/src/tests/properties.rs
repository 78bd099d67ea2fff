//! What holds for every text.

use proptest::prelude::*;
use sqlparser::dialect::MySqlDialect;
use sqlparser::parser::Parser;

use super::written::without_quoted;
use crate::{Explainable, Grammar};

/// Pieces statements are made of, the odd ones among them.
fn piece() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "SELECT",
        "*",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        ",",
        "a",
        "b",
        "t",
        "shop.t",
        "`x``y`",
        "'it''s'",
        "'\\'",
        "'\\\\'",
        "\"q\"",
        "1",
        "-1",
        "0x1F",
        ".5",
        "=",
        "<",
        "+",
        "-",
        "--",
        "-- x\n",
        "#",
        "/*",
        "*/",
        "/*!",
        ";",
        "UNION",
        "ALL",
        "ORDER BY",
        "GROUP BY",
        "LIMIT",
        "IN",
        "LIKE",
        "BETWEEN",
        "IS NULL",
        "EXISTS",
        "CASE",
        "WHEN",
        "THEN",
        "END",
        "COUNT(",
        "SLEEP(",
        "NOW()",
        "INTERVAL",
        "DAY",
        "JOIN",
        "ON",
        "LEFT",
        "AS",
        "x",
        "WITH",
        "FOR UPDATE",
        "INTO",
        "OUTFILE",
        "@v",
        "@@v",
        ":=",
        "?",
        "UPDATE",
        "SET",
        "DELETE",
        "INSERT INTO",
        "VALUES",
        "RETURNING",
        "CAST(",
        "AS CHAR",
        "DISTINCT",
        "->",
        "'$.a'",
        "\\",
        "'",
        "\"",
        "`",
        "\0",
        "\n",
    ]);
    prop_oneof![8 => words.prop_map(str::to_owned), 1 => ".{0,6}"]
}

/// A condition a person could have written.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z]{1,5}".prop_map(|name| format!("`{name}`")),
        any::<i32>().prop_map(|number| number.to_string()),
        ".{0,12}".prop_map(|text| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))),
        Just("NULL".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = prop::sample::select(vec![
            "AND", "OR", "=", "<>", "<", "+", "-", "*", "/", "LIKE", "XOR", "|", "DIV",
        ]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("NOT {a}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("- {a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} IN ({b}, 1)")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("COALESCE({a}, {b})")),
            inner.prop_map(|a| format!("{a} IS NULL")),
        ]
    })
}

fn holds(text: &str) -> Result<bool, TestCaseError> {
    let Ok(written) = Explainable::allow(text, Some("shop"), Grammar::MySql) else {
        return Ok(false);
    };
    let sql = written.as_str();
    let parsed = Parser::parse_sql(&MySqlDialect {}, sql);
    prop_assert_eq!(parsed.map(|all| all.len()), Ok(1), "{}", sql);
    let again = Explainable::allow(sql, None, Grammar::MySql);
    let again = again.map(|one| one.as_str().to_owned());
    prop_assert_eq!(again.as_deref(), Ok(sql));
    let bare = without_quoted(sql);
    for word in [";", "/*", "--", "#", "@", ":=", "?", "INTO", "SLEEP"] {
        prop_assert!(!bare.contains(word), "{sql}");
    }
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_text_is_refused_or_becomes_one_query_that_is_written_the_same_again(text in ".{0,80}") {
        holds(&text)?;
    }

    #[test]
    fn any_words_are_refused_or_become_one_query_that_is_written_the_same_again(
        pieces in prop::collection::vec(piece(), 1..24)
    ) {
        holds(&format!("SELECT {}", pieces.join(" ")))?;
    }
}

proptest! {
    #[test]
    fn a_condition_is_written_the_same_again(condition in condition()) {
        // Not each is allowed: some go too deep.
        holds(&format!("SELECT * FROM t WHERE {condition}"))?;
    }

    #[test]
    fn a_text_keeps_its_value(text in "\\PC{0,40}") {
        let quoted = format!("SELECT '{}'", text.replace('\\', "\\\\").replace('\'', "''"));
        prop_assume!(!text.contains("/*!") && !text.contains("/*M!"));
        prop_assert!(holds(&quoted)?, "{}", quoted);
        let written = Explainable::allow(&quoted, None, Grammar::MySql).unwrap();
        prop_assert_eq!(written.as_str(), quoted);
    }
}
