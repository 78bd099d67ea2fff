//! Statements of one form are one group, and nothing of their literals is left.

use proptest::prelude::*;
use storex_digest::fingerprint;
use storex_digest::fingerprint::Writer;

fn of(sql: &str) -> String {
    String::from_utf8_lossy(&fingerprint(sql.as_bytes())).into_owned()
}

/// Each line: a statement and its form.
const FORMS: &[(&str, &str)] = &[
    (
        "SELECT c FROM sbtest5 WHERE id=25172",
        "select c from sbtest5 where id = ?",
    ),
    (
        "select  c\n\tfrom `sbtest5` where `id` = 'x'",
        "select c from sbtest5 where id = ?",
    ),
    (
        "SELECT * FROM t WHERE a IN (1, 2,3)",
        "select * from t where a in(?+)",
    ),
    (
        "SELECT * FROM t WHERE a IN ('a')",
        "select * from t where a in(?+)",
    ),
    (
        "SELECT * FROM t WHERE (a, b) IN ((1,2),(3,4))",
        "select * from t where (a, b) in(?+)",
    ),
    (
        "SELECT * FROM t WHERE a IN (SELECT b FROM u WHERE c = 1)",
        "select * from t where a in(select b from u where c = ?)",
    ),
    (
        "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')",
        "insert into t(a, b) values(?+)",
    ),
    (
        "INSERT INTO t VALUES (1, NOW()), (2, NOW())",
        "insert into t values(?, now())",
    ),
    (
        "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a), b = 3",
        "insert into t(a) values(?+) on duplicate key update a = values(a), b = ?",
    ),
    (
        "REPLACE INTO t SET a = -1, b = +2.5e-3, c = .5",
        "replace into t set a = ?, b = ?, c = ?",
    ),
    (
        "SELECT a-1, a - -1, b+1 FROM t",
        "select a - ?, a - ?, b + ? from t",
    ),
    (
        "SELECT 0xff, x'ff', b'01', 0b01, N'x', _utf8mb4'x', NULL, TRUE, \\N",
        "select ?, ?, ?, ?, ?, ?, ?, ?, ?",
    ),
    (
        "SELECT a FROM t WHERE b IS NULL AND c IS NOT NULL AND d = NULL",
        "select a from t where b is null and c is not null and d = ?",
    ),
    (
        "SELECT 'it''s', 'a\\'b', \"say \"\"x\"\"\", 'a' 'b'",
        "select ?, ?, ?, ?",
    ),
    (
        "SELECT * FROM 2024_orders, t_2024_01, t1 LIMIT 5, 10",
        "select * from 2024_orders, t_2024_01, t1 limit ?",
    ),
    ("SELECT 1 LIMIT 10 OFFSET 20", "select ? limit ?"),
    ("SELECT 1 LIMIT 1, 2, 3", "select ? limit ?"),
    (
        "SELECT a FROM t ORDER BY a ASC, b DESC LIMIT 1",
        "select a from t order by a, b desc limit ?",
    ),
    (
        "SELECT /* why */ a -- what\nFROM t # that\nWHERE b = 1 /*action='x'*/",
        "select a from t where b = ?",
    ),
    (
        "SELECT /*!40001 SQL_NO_CACHE */ * FROM t",
        "select /*! sql_no_cache */ * from t",
    ),
    (
        "SELECT /*+ MAX_EXECUTION_TIME(1000) */ a FROM t",
        "select /*+ max_execution_time(?) */ a from t",
    ),
    ("CALL shop.pay(1, 'x', @total)", "call shop.pay"),
    ("use `shop`", "use ?"),
    (
        "# administrator command: Prepare",
        "administrator command: prepare",
    ),
    (
        "SELECT COUNT( * ), `t`.`a`, t . b FROM `db`.`t` AS t",
        "select count(*), t.a, t.b from db.t as t",
    ),
    (
        "SELECT `in`, `Order Date`, `b``c` FROM t",
        "select `in`, `Order Date`, b c from t",
    ),
    (
        "SELECT a FROM t WHERE b=1 UNION ALL SELECT a FROM t WHERE b=2 UNION ALL SELECT a FROM t WHERE b=3",
        "select a from t where b = ? union ...",
    ),
    (
        "SELECT a FROM t UNION SELECT b FROM t",
        "select a from t union select b from t",
    ),
    (
        "SELECT @@version, @x := 5, @`y z`",
        "select @@version, @x := ?, @`y z`",
    ),
    (
        "SELECT j->'$.a', j->>\"$.b\" FROM t WHERE a <=> 1",
        "select j -> ?, j ->> ? from t where a <=> ?",
    ),
    ("SET NAMES utf8mb4", "set names utf8mb4"),
    ("BEGIN;", "begin"),
    ("SELECT 'not ended", "select ?"),
    ("SELECT a /* not ended", "select a"),
    ("EXECUTE p USING @a", "execute p using @a"),
    ("PREPARE p FROM 'SELECT 1'", "prepare p from ?"),
    (
        "SELECT a FROM t WHERE b BETWEEN -5 AND -1 AND c LIKE 'x%'",
        "select a from t where b between ? and ? and c like ?",
    ),
    (
        "SELECT CASE WHEN a THEN -1 ELSE 1 END",
        "select case when a then ? else ? end",
    ),
    ("", ""),
];

#[test]
fn statements_have_these_forms() {
    for (sql, form) in FORMS {
        assert_eq!(of(sql), *form, "{sql}");
    }
}

#[test]
fn a_form_is_its_own_form() {
    for (sql, form) in FORMS {
        assert_eq!(of(form), *form, "{sql}");
    }
}

/// What fuzzing found: none is a statement, but a form of one must be its own form.
const FRAGMENTS: &[(&str, &str)] = &[
    ("VALUES (1), (/*+ a */ 2), (3)", "values(?+)"),
    ("VALUES (1), (/*+ a) */ 2", "values(?+) * / ?"),
    ("/*+ VALUES (1), (*/ a) */ 2", "/*+ values(?+) */ ?"),
    ("+ UNION +;", "+ union ..."),
    ("(..., ;", "(..."),
    ("?...2,(1)3", "? ..., (?) ?"),
    ("VALUES (5), asc (b)", "values(?+), asc (b)"),
    ("..., , (2,2) (2,2)", "...,, (?, ?) (?, ?)"),
    ("a UNION a UNION ... UNION b", "a union ... union b"),
    ("UNION ... UNION ...", "union ... union ..."),
];

#[test]
fn the_form_of_a_fragment_is_its_own_form() {
    for (sql, form) in FRAGMENTS {
        assert_eq!(of(sql), *form, "{sql}");
        assert_eq!(of(form), *form, "{sql}");
    }
}

#[test]
fn lists_of_any_length_are_one_form() {
    let list = |length: usize| {
        let numbers: Vec<String> = (0..length).map(|number| number.to_string()).collect();
        numbers.join(", ")
    };
    let rows = |length: usize| vec!["(1, 'x', NULL)"; length].join(",");
    let pairs = |length: usize| vec!["(1, 2)"; length].join(",");
    for length in [1, 2, 63, 64, 65, 66, 1_000, 100_000] {
        let found = of(&format!("SELECT a FROM t WHERE b IN ({})", list(length)));
        assert_eq!(found, "select a from t where b in(?+)", "{length}");
        let found = of(&format!("INSERT INTO t VALUES {}", rows(length)));
        assert_eq!(found, "insert into t values(?+)", "{length}");
        let found = of(&format!(
            "SELECT a FROM t WHERE (b, c) IN ({})",
            pairs(length)
        ));
        assert_eq!(found, "select a from t where (b, c) in(?+)", "{length}");
    }
}

#[test]
fn shards_are_one_form_where_that_is_asked_for() {
    let form = |sql: &str| {
        let mut writer = Writer::folding_digits();
        String::from_utf8_lossy(writer.write(sql.as_bytes())).into_owned()
    };
    let shard = form("UPDATE orders_2024_01 SET k1 = k1 + 1 WHERE `Order 7` = 5");
    assert_eq!(
        shard,
        "update orders_?_? set k? = k? + ? where `Order ?` = ?"
    );
    assert_eq!(
        form("UPDATE orders_2025_11 SET k2 = k3 + 9 WHERE `Order 8` = 6"),
        shard
    );
}

#[test]
fn a_long_statement_is_cut_at_the_same_place_again() {
    let columns: Vec<String> = (0..2_000)
        .map(|number| format!("column_{number}"))
        .collect();
    let cut = of(&format!("SELECT {} FROM t", columns.join(", ")));
    assert!(cut.ends_with("..."), "{cut}");
    assert!(cut.len() <= Writer::LONGEST + 4);
    assert_eq!(of(&cut), cut);
    // Where the parenthesis of a list would be.
    for length in 4_070..4_100 {
        for list in ["IN (?+)", "1 ?+)"] {
            let cut = of(&format!("SELECT {} {list}", "c".repeat(length)));
            assert_eq!(of(&cut), cut);
        }
    }
    // Where one half of a hint would be.
    let columns = columns.join(", ");
    let cut = of(&format!("/*+ VALUES (1), ((((2, {columns} */"));
    assert_eq!(of(&cut), cut);
}

/// Pieces of statements, hostile ones among them.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "SELECT",
        "FROM",
        "WHERE",
        "IN",
        "VALUES",
        "(",
        ")",
        ",",
        ".",
        "*",
        "=",
        "-",
        "+",
        ";",
        "@",
        "@@",
        ":=",
        "NULL",
        "IS",
        "NOT",
        "LIMIT",
        "OFFSET",
        "UNION",
        "ALL",
        "ASC",
        "?",
        "?+",
        "...",
        "/*",
        "*/",
        "/*!",
        "/*+",
        "--",
        "-- ",
        "#",
        "\n",
        "'",
        "\"",
        "`",
        "\\",
        "->",
        "t1",
        "2024_orders",
        "1e",
        "0x",
        "x",
        "_utf8",
        "call",
        "use",
        "administrator command: ",
        "$",
        "a",
        "1",
        "5.",
        ".5",
        "1.5e-3",
        "é",
    ]);
    prop_oneof![
        4 => fixed.prop_map(str::to_owned),
        1 => "[a-z0-9_$.]{1,8}",
        1 => "\\PC{0,6}",
    ]
}

fn statement() -> impl Strategy<Value = String> {
    prop::collection::vec((piece(), prop::bool::ANY), 0..60).prop_map(|pieces| {
        let mut sql = String::new();
        for (piece, space) in pieces {
            sql.push_str(&piece);
            if space {
                sql.push(' ');
            }
        }
        sql
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000.max(ProptestConfig::default().cases), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_form_of_any_form_is_itself(sql in statement()) {
        let form = of(&sql);
        prop_assert_eq!(of(&form), form, "{}", sql);
    }

    #[test]
    fn no_literal_survives(
        secret in "[A-Z]{12}",
        number in 1_000_000_000_u64..9_000_000_000,
        before in prop::sample::select(vec!["SELECT ", "SELECT a FROM t WHERE b = ", "INSERT INTO t VALUES (1, ", "SELECT f(", "CALL p(", "SET @a = ", "SELECT a FROM t LIMIT 1 -- "]),
        quote in prop::sample::select(vec!["'", "\"", "x'", "_utf8mb4'", "N'"]),
    ) {
        let end = if quote.ends_with('"') { "\"" } else { "'" };
        for sql in [format!("{before}{quote}{secret}{end}"), format!("{before}{quote}{secret}")] {
            prop_assert!(!of(&sql).contains(&secret.to_lowercase()), "{}: {}", sql, of(&sql));
        }
        for literal in [format!("{number}"), format!("-{number}.5"), format!("0x{number}"), format!("{number}e7")] {
            let sql = format!("{before}{literal}");
            prop_assert!(!of(&sql).contains(&number.to_string()), "{}: {}", sql, of(&sql));
        }
    }
}
