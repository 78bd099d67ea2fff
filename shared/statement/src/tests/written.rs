//! How statements are written.

use super::allow;
use crate::{Explainable, Grammar, Refused, TableName};

/// A text without what stands in quotes.
pub(crate) fn without_quoted(sql: &str) -> String {
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

#[track_caller]
fn becomes(text: &str, expected: &str) {
    let written = allow(text).unwrap_or_else(|refused| panic!("{text}: {refused}"));
    assert_eq!(written.as_str(), expected);
}

#[test]
fn tables_get_their_schema_and_common_table_expressions_none() {
    becomes(
        "WITH big AS (SELECT * FROM orders) SELECT * FROM big b JOIN ledger.entries e ON e.id = b.id, dual",
        "WITH `big` AS (SELECT * FROM `shop`.`orders`) SELECT * FROM `big` AS `b` JOIN `ledger`.`entries` AS `e` \
         ON (`e`.`id` = `b`.`id`), DUAL",
    );
    // A common table expression that is not recursive does not see itself.
    becomes(
        "WITH orders AS (SELECT * FROM orders) SELECT * FROM orders",
        "WITH `orders` AS (SELECT * FROM `shop`.`orders`) SELECT * FROM `orders`",
    );
    let written = allow("SELECT * FROM a, b.c, A, a").unwrap();
    let named = |schema: &str, name: &str| TableName {
        schema: schema.into(),
        name: name.into(),
    };
    assert_eq!(
        written.tables(),
        [named("shop", "a"), named("b", "c"), named("shop", "A")]
    );
}

#[test]
fn a_name_leaves_no_way_out_of_its_quotes() {
    becomes("SELECT `a``b` FROM t", "SELECT `a``b` FROM `shop`.`t`");
    assert_eq!(
        Explainable::allow("SELECT 1 FROM t", Some("shop`; DROP"), Grammar::MySql)
            .map(|one| one.as_str().to_owned()),
        Ok("SELECT 1 FROM `shop``; DROP`.`t`".to_owned())
    );
    assert_eq!(
        Explainable::allow("SELECT 1 FROM t", Some(""), Grammar::MySql)
            .map(|one| one.as_str().to_owned()),
        Err(Refused::Name)
    );
}

#[test]
fn a_text_leaves_no_way_out_of_its_quotes() {
    becomes(
        r"SELECT '\\', 'a\'b', 'it''s', 'n\nl'",
        r"SELECT '\\', 'a''b', 'it''s', 'n\nl'",
    );
    becomes("SELECT \"a'b\", \"x\\\"y\"", "SELECT 'a''b', 'x\"y'");
    becomes(
        r"SELECT * FROM t WHERE a LIKE '50\%'",
        r"SELECT * FROM `shop`.`t` WHERE (`a` LIKE '50\\%')",
    );
}

#[test]
fn what_binds_more_tightly_is_never_left_open() {
    becomes("SELECT 1 + 2 * 3 - -4", "SELECT ((1 + (2 * 3)) - (- 4))");
    becomes(
        "SELECT * FROM t WHERE a = 1 AND (b = 2 OR c = 3) AND d IS NULL",
        "SELECT * FROM `shop`.`t` WHERE ((`a` = 1) AND ((`b` = 2) OR (`c` = 3)) AND (`d` IS NULL))",
    );
    becomes(
        "SELECT NOT a IN (1, 2) FROM t",
        "SELECT (NOT (`a` IN (1, 2))) FROM `shop`.`t`",
    );
    becomes("SELECT - - 1", "SELECT (- (- 1))");
}

#[test]
fn of_statements_that_write_the_part_that_reads_is_left() {
    becomes(
        "UPDATE inventory SET quantity = quantity - 1, warehouse = 'x' WHERE product_id = 5 LIMIT 1",
        "SELECT *, (`quantity` - 1) FROM `shop`.`inventory` WHERE (`product_id` = 5) LIMIT 1",
    );
    becomes(
        "DELETE o FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'DE'",
        "SELECT * FROM `shop`.`orders` AS `o` JOIN `shop`.`customers` AS `c` ON (`c`.`id` = `o`.`customer_id`) \
         WHERE (`c`.`country` = 'DE')",
    );
    becomes(
        "INSERT INTO archive (id) SELECT id FROM orders WHERE status = 'new'",
        "SELECT `id` FROM `shop`.`orders` WHERE (`status` = 'new')",
    );
    assert_eq!(
        allow("REPLACE INTO a SELECT 1").unwrap().part(),
        "the SELECT of the INSERT"
    );
}

#[test]
fn what_locks_or_hints_is_left_out_and_told() {
    let written =
        allow("SELECT /*+ NO_INDEX(t) */ SQL_CALC_FOUND_ROWS * FROM t FOR UPDATE").unwrap();
    assert_eq!(written.as_str(), "SELECT * FROM `shop`.`t`");
    let told = written.left_out();
    assert_eq!(
        told,
        [
            "the clause that locks rows",
            "optimizer hints",
            "SQL_CALC_FOUND_ROWS"
        ]
    );
}

#[test]
fn what_applications_write_is_understood() {
    for text in [
        "SELECT DISTINCT o.id AS n, COUNT(*), SUM(o.total_cents) / 100 FROM orders o LEFT JOIN order_items i ON \
         i.order_id = o.id AND i.line > 1 WHERE o.status IN ('new', 'paid') GROUP BY o.id HAVING COUNT(*) > 2 ORDER \
         BY n DESC, 2 LIMIT 10, 20",
        "SELECT * FROM orders USE INDEX (orders_customer) FORCE INDEX FOR ORDER BY (a) WHERE DATE(created_at) = CURDATE()",
        "SELECT STRAIGHT_JOIN * FROM a STRAIGHT_JOIN b ON a.x = b.x NATURAL JOIN c JOIN d USING (y, z)",
        "SELECT * FROM orders PARTITION (p0, p1) WHERE created_at BETWEEN '2026-01-01' AND DATE '2026-02-01'",
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY id DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) \
         FROM orders",
        "SELECT GROUP_CONCAT(DISTINCT name ORDER BY name DESC SEPARATOR ', ') FROM products GROUP BY category WITH ROLLUP",
        "SELECT CASE status WHEN 'new' THEN 1 ELSE 0 END, IF(a > 1, 'x', 'y'), CAST(a AS UNSIGNED), CONVERT(b USING utf8mb4), \
         CONVERT(c, CHAR(10)), BINARY d, LEFT(e, 3), MOD(f, 2), EXTRACT(MONTH FROM g), TRIM(LEADING 'x' FROM h), \
         SUBSTRING(i FROM 2 FOR 3), SUBSTR(j, 1), POSITION('a' IN k), CEIL(l), FLOOR(m) FROM t",
        "SELECT * FROM t WHERE MATCH (a, b) AGAINST ('+x -y' IN BOOLEAN MODE) AND c REGEXP '^a' AND NOT EXISTS (SELECT 1 FROM \
         u WHERE u.id = t.id) AND d > ALL (SELECT e FROM v) AND (f, g) IN ((1, 2), (3, 4)) AND h->'$.x' = 1 AND i->>'$.y' <=> 2",
        "SELECT * FROM a JOIN (SELECT id FROM b UNION SELECT id FROM c) d ON d.id = a.id, LATERAL (SELECT 1) e (x)",
        "SELECT a FROM t WHERE b COLLATE utf8mb4_bin = 'x' AND c & 4 AND d << 1 > 2 AND e DIV 2 = 1 AND f XOR g",
        "SELECT CURRENT_TIMESTAMP, NOW(6), 1.5e-3, .5, 0xFF, TRUE, NULL",
        "SELECT COUNT(DISTINCT customer_id) FROM orders WHERE created_at >= NOW() - INTERVAL 30 DAY && status != 'new'",
        "(SELECT 1) UNION ALL (SELECT 2 LIMIT 1) EXCEPT SELECT 3 ORDER BY 1",
        "SELECT a 'alias', b \"other\" FROM t;",
    ] {
        if let Err(refused) = allow(text) {
            panic!("{text}: {refused}");
        }
    }
}

#[test]
fn a_function_of_one_flavour_is_refused_by_the_other() {
    let text = "SELECT ANY_VALUE(a) FROM shop.t";
    assert!(Explainable::allow(text, None, Grammar::MySql).is_ok());
    let refused = Explainable::allow(text, None, Grammar::MariaDb).unwrap_err();
    assert!(matches!(refused, Refused::Function { name } if name == "ANY_VALUE"));
}

#[test]
fn long_lists_and_chains_pass_and_deep_nesting_is_refused_before_it_hurts() {
    let values: Vec<String> = (0..4_000).map(|number| number.to_string()).collect();
    assert!(
        allow(&format!(
            "SELECT * FROM t WHERE a IN ({})",
            values.join(",")
        ))
        .is_ok()
    );
    // What was written goes through again, however deep it has become.
    let signs = allow(&format!("SELECT -a{}b", "-".repeat(24))).unwrap();
    assert_eq!(allow(signs.as_str()).unwrap().as_str(), signs.as_str());
    let chain = vec!["a = 1"; 250].join(" OR ");
    assert!(allow(&format!("SELECT * FROM t WHERE {chain}")).is_ok());
    for deep in [
        format!("SELECT {}1{}", "(".repeat(2_000), ")".repeat(2_000)),
        format!("SELECT 1{}", " / 1".repeat(500)),
        format!("SELECT {}1", "NOT ".repeat(500)),
        format!("SELECT {}1", "- ".repeat(15_000)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(290)),
        format!("SELECT {}1{}", "(SELECT ".repeat(200), ")".repeat(200)),
        format!(
            "SELECT * FROM {}t{}",
            "(SELECT * FROM ".repeat(100),
            ") x".repeat(100)
        ),
        format!("SELECT {}1{}", "ABS(".repeat(3_000), ")".repeat(3_000)),
        format!("SELECT 1{}", " IS NULL".repeat(280)),
        format!(
            "SELECT CASE WHEN 1 THEN {}1{}",
            "CASE WHEN 1 THEN ".repeat(150),
            " END".repeat(151)
        ),
        "(".repeat(30_000),
        format!("SELECT 1 FROM {}t{}", "(".repeat(500), ")".repeat(500)),
        format!(
            "SELECT 1 FROM {}t{}",
            "(t JOIN ".repeat(250),
            ")".repeat(250)
        ),
        format!(
            "{}SELECT 1{}",
            "WITH x AS (".repeat(180),
            ") SELECT 1".repeat(180)
        ),
        format!(
            "SELECT {}1{}",
            "EXISTS (SELECT ".repeat(250),
            ")".repeat(250)
        ),
        format!("SELECT {}1{}", "CAST(".repeat(180), " AS CHAR)".repeat(180)),
        format!(
            "SELECT 1 WHERE 1 IN {}1{}",
            "(SELECT 1 WHERE 1 IN ".repeat(140),
            ")".repeat(140)
        ),
        format!("SELECT {}1{}", "(1, ".repeat(500), ")".repeat(500)),
        format!("SELECT 1 {}", "+ INTERVAL ".repeat(250)),
        format!(
            "SELECT {}",
            "NOT EXISTS (SELECT 1 UNION SELECT ".repeat(110)
        ),
        format!("SELECT a{}", " BETWEEN 1 AND b".repeat(200)),
        format!("SELECT a{}", " LIKE b".repeat(500)),
        format!("SELECT a{}", " COLLATE b".repeat(500)),
        "SELECT 1 + ".repeat(2_000),
    ] {
        assert!(allow(&deep).is_err(), "{}", deep.get(..60).unwrap_or(&deep));
    }
    let long = "x".repeat(40_000);
    let refused = allow(&format!("SELECT '{long}'")).unwrap_err();
    assert!(matches!(refused, Refused::TooLarge { what: "bytes", .. }));
}
