//! What of real statements is told.

use storex_statement::{Explainable, Grammar};

use super::{ColumnRef, Condition, Literal, Outline, outline};

fn of(sql: &str) -> Outline {
    let statement = Explainable::allow(sql, Some("shop"), Grammar::MySql).unwrap();
    outline(statement.query())
}

fn column(text: &str) -> ColumnRef {
    match text.split_once('.') {
        Some((qualifier, name)) => ColumnRef {
            qualifier: Some(qualifier.into()),
            name: name.into(),
        },
        None => ColumnRef {
            qualifier: None,
            name: text.into(),
        },
    }
}

#[test]
fn tables_conditions_and_order_of_a_block_are_told() {
    let outline = of(
        "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status = 'new' AND o.total_cents > 5 AND \
         (c.country IN (1, 2)) ORDER BY o.created_at DESC LIMIT 3",
    );
    let [block] = outline.blocks.as_slice() else {
        panic!("{outline:?}");
    };
    let aliases: Vec<&str> = block
        .tables
        .iter()
        .map(|table| table.alias.as_str())
        .collect();
    assert_eq!(aliases, ["o", "c"]);
    assert_eq!(
        block.conditions,
        [
            Condition::Join {
                left: column("c.id"),
                right: column("o.customer_id")
            },
            Condition::Equal {
                column: column("o.status"),
                with: Literal::Text
            },
            Condition::Range {
                column: column("o.total_cents")
            },
            Condition::In {
                column: column("c.country"),
                with: Literal::Number
            },
        ]
    );
    assert_eq!(block.order, [column("o.created_at")]);
    assert!(block.ordered && block.limited);
}

#[test]
fn what_keeps_an_index_from_a_condition_is_told() {
    let conditions = |sql: &str| {
        of(&format!("SELECT * FROM t WHERE {sql}"))
            .blocks
            .remove(0)
            .conditions
    };
    let wrapped = |by: &str| Condition::Wrapped {
        column: column("a"),
        by: by.into(),
    };
    assert_eq!(conditions("DATE(a) = '2026-01-01'"), [wrapped("DATE(...)")]);
    assert_eq!(conditions("a + 1 > 5"), [wrapped("a computation")]);
    assert_eq!(conditions("CAST(a AS CHAR) = '5'"), [wrapped("a CAST")]);
    assert_eq!(
        conditions("a LIKE '%x'"),
        [Condition::Wildcard {
            column: column("a")
        }]
    );
    assert_eq!(
        conditions("a LIKE 'x%'"),
        [Condition::Range {
            column: column("a")
        }]
    );
    assert_eq!(
        conditions("a IS NULL"),
        [Condition::Equal {
            column: column("a"),
            with: Literal::Other
        }]
    );
    assert_eq!(
        conditions("a = 1 OR b = 2"),
        [Condition::Other {
            columns: vec![column("a"), column("b")]
        }]
    );
    assert_eq!(
        conditions("a <> 1"),
        [Condition::Other {
            columns: vec![column("a")]
        }]
    );
}

#[test]
fn every_block_of_a_statement_is_told_and_an_order_in_two_directions_is_none() {
    let outline = of(
        "WITH big AS (SELECT * FROM a WHERE x = 1) SELECT * FROM big JOIN (SELECT * FROM b) d ON d.id = big.id WHERE EXISTS \
         (SELECT 1 FROM c WHERE c.id = big.id) AND big.y IN (SELECT id FROM e) ORDER BY big.x, big.y DESC",
    );
    let tables: Vec<Vec<&str>> = outline
        .blocks
        .iter()
        .map(|block| {
            block
                .tables
                .iter()
                .map(|table| table.name.as_str())
                .collect()
        })
        .collect();
    assert_eq!(tables, [vec![], vec!["b"], vec!["c"], vec!["e"], vec!["a"]]);
    let outer = outline.blocks.first().unwrap();
    assert!(outer.ordered && outer.order.is_empty());
}
