//! `slowlog_explain` on real plans.

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance, LeastAccount};
use storex_testkit::accounts::App;
use storex_testkit::{Flavour, MySqlServer};

use super::shop;

async fn explain(house: &House, statement: &str) -> Result<Value> {
    let question =
        json!({ "instance": "shop", "statement": statement, "schema": "shop", "detail": "full" });
    house.ask("slowlog_explain", question).await
}

/// The names of what was found.
fn found(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect()
}

fn indexes(answer: &Value) -> Vec<String> {
    let indexes = answer["indexes"].as_array();
    let indexes = indexes.into_iter().flatten();
    let statement = |one: &Value| {
        one.as_str()
            .unwrap()
            .split(" -- ")
            .next()
            .unwrap()
            .to_owned()
    };
    indexes.map(statement).collect()
}

async fn run(server: &MySqlServer, statements: &[&str]) -> Result<()> {
    let mut root = server.root().await?;
    for statement in statements {
        root.query_drop(*statement).await?;
    }
    Ok(root.disconnect().await?)
}

/// Plans as they should be.
const GOOD: [&str; 7] = [
    "SELECT * FROM orders WHERE id = 17",
    "SELECT * FROM orders WHERE customer_id = 17",
    "SELECT * FROM orders WHERE status = 'new' ORDER BY created_at DESC LIMIT 10",
    "SELECT o.id, i.quantity FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.customer_id = 17",
    "SELECT category, COUNT(*) FROM products WHERE category = 'toys' GROUP BY category",
    "UPDATE inventory SET quantity = quantity - 1 WHERE product_id = 5",
    "SELECT * FROM customers WHERE email = 'customer5@example.com'",
];

/// What is wrong, and the index that would help.
const POOR: [(&str, &str, Option<&str>); 12] = [
    (
        "SELECT * FROM orders WHERE total_cents = 4711",
        "full_scan",
        Some("ALTER TABLE `shop`.`orders` ADD INDEX (`total_cents`)"),
    ),
    (
        "SELECT * FROM archive WHERE order_id = 3 AND archived_at > '2026-05-01'",
        "full_scan",
        Some("ALTER TABLE `shop`.`archive` ADD INDEX (`order_id`, `archived_at`)"),
    ),
    (
        "DELETE FROM archive WHERE archived_at < '2026-02-01'",
        "full_scan",
        Some("ALTER TABLE `shop`.`archive` ADD INDEX (`archived_at`)"),
    ),
    (
        "SELECT * FROM orders ORDER BY total_cents",
        "filesort",
        Some("ALTER TABLE `shop`.`orders` ADD INDEX (`total_cents`)"),
    ),
    (
        "SELECT * FROM customers WHERE LOWER(email) = 'x'",
        "function_on_column",
        None,
    ),
    (
        "SELECT * FROM customers WHERE email LIKE '%@example.com'",
        "leading_wildcard",
        None,
    ),
    (
        "SELECT * FROM customers WHERE email = 5",
        "type_mismatch",
        None,
    ),
    (
        "SELECT COUNT(*) FROM orders o, products p WHERE o.total_cents > 1 AND p.price_cents > 1",
        "cartesian_product",
        None,
    ),
    (
        "SELECT country, COUNT(*) FROM customers GROUP BY country, name ORDER BY 2",
        "filesort",
        None,
    ),
    (
        "SELECT COUNT(*) FROM order_items WHERE order_id = 5 OR product_id = 7",
        "index_merge",
        None,
    ),
    (
        "SELECT * FROM customers c WHERE (SELECT COUNT(*) FROM archive a WHERE a.order_id = c.id) > 3",
        "dependent_subquery",
        Some("ALTER TABLE `shop`.`archive` ADD INDEX (`order_id`)"),
    ),
    (
        "SELECT COUNT(*) FROM customers c JOIN archive a ON a.order_id = c.id WHERE c.country = 'DE'",
        "wide_start",
        Some("ALTER TABLE `shop`.`archive` ADD INDEX (`order_id`)"),
    ),
];

/// More rows than the statistics know of.
async fn stale(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let statement = "SELECT * FROM products WHERE price_cents > 1";
    assert!(!found(&explain(&house, statement).await?).contains(&"stale_statistics"));
    run(
        &server,
        &[
            "ALTER TABLE shop.products STATS_AUTO_RECALC = 0",
            "INSERT INTO shop.products (sku, name, category, price_cents) SELECT CONCAT('A', a.id), a.name, \
             a.category, a.price_cents FROM shop.products a",
            "INSERT INTO shop.products (sku, name, category, price_cents) SELECT CONCAT('B', a.id), a.name, \
             a.category, a.price_cents FROM shop.products a",
            "INSERT INTO shop.products (sku, name, category, price_cents) SELECT CONCAT('C', a.id), a.name, \
             a.category, a.price_cents FROM shop.products a",
        ],
    )
    .await?;
    let answer = explain(&house, statement).await?;
    assert!(
        found(&answer).contains(&"stale_statistics"),
        "{flavour:?}: {answer:#}"
    );
    run(&server, &["ANALYZE TABLE shop.products"]).await?;
    let answer = explain(&house, statement).await?;
    assert!(
        !found(&answer).contains(&"stale_statistics"),
        "{flavour:?}: {answer:#}"
    );
    server.stop().await
}

#[tokio::test]
async fn statistics_that_have_not_kept_up_are_told_until_analyze_on_mysql() -> Result<()> {
    stale(Flavour::Mysql97).await
}

#[tokio::test]
async fn statistics_that_have_not_kept_up_are_told_until_analyze_on_mariadb() -> Result<()> {
    stale(Flavour::Mariadb1011).await
}

async fn plans(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    for statement in GOOD {
        let answer = explain(&house, statement).await?;
        assert_eq!(
            found(&answer),
            [""; 0],
            "{flavour:?}: {statement}: {answer:#}"
        );
        assert_eq!(answer["headline"], "nothing is wrong with this plan");
        assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    }
    for (statement, wrong, index) in POOR {
        let answer = explain(&house, statement).await?;
        assert!(
            found(&answer).contains(&wrong),
            "{flavour:?}: {statement}: {answer:#}"
        );
        if let Some(index) = index {
            assert!(
                indexes(&answer).contains(&index.to_owned()),
                "{flavour:?}: {statement}: {answer:#}"
            );
        }
        for literal in ["4711", "2026-05", "@example", "'x'", "DE'"] {
            assert!(
                !answer.to_string().contains(literal),
                "{literal}: {answer:#}"
            );
        }
    }
    assert_ne!(
        found(&explain(&house, POOR[4].0).await?)[0],
        "full_scan",
        "the cause comes first"
    );
    dropped_index(&server, &house).await?;
    server.stop().await
}

/// Good before, and named with the index that would help after.
async fn dropped_index(server: &MySqlServer, house: &House) -> Result<()> {
    let by_customer = "SELECT * FROM orders WHERE customer_id = 17";
    let newest = "SELECT * FROM orders WHERE customer_id = 17 ORDER BY id DESC LIMIT 10";
    assert_eq!(found(&explain(house, newest).await?), [""; 0]);
    run(
        server,
        &["ALTER TABLE shop.orders DROP INDEX orders_customer"],
    )
    .await?;
    for (statement, wrong) in [(by_customer, "full_scan"), (newest, "ordered_walk")] {
        let answer = explain(house, statement).await?;
        assert!(found(&answer).contains(&wrong), "{statement}: {answer:#}");
        let index = "ALTER TABLE `shop`.`orders` ADD INDEX (`customer_id`)";
        assert_eq!(indexes(&answer), [index], "{statement}: {answer:#}");
    }
    run(server, &["ALTER TABLE shop.orders ADD INDEX (customer_id)"]).await?;
    assert_eq!(found(&explain(house, by_customer).await?), [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_poor_plan_is_told_with_its_index_and_a_good_one_is_quiet_on_mysql() -> Result<()> {
    plans(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_poor_plan_is_told_with_its_index_and_a_good_one_is_quiet_on_mariadb() -> Result<()> {
    plans(Flavour::Mariadb1011).await
}

async fn sample(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let mut app = App::Reporting.connect(&server).await?;
    app.query_drop("SELECT * FROM orders WHERE total_cents = 4711")
        .await?;
    let listed = house
        .ask(
            "slowlog_explain",
            json!({ "instance": "shop", "limit": 50 }),
        )
        .await?;
    let candidates = listed["candidates"].as_array().unwrap();
    let ours = candidates.iter().find(|one| {
        let statement = one["statement"].as_str().unwrap().to_lowercase();
        statement.contains("total_cents")
    });
    let ours = ours.unwrap_or_else(|| panic!("{flavour:?}: {listed:#}"));
    let question = json!({ "instance": "shop", "digest": ours["digest"] });
    let answer = house.ask("slowlog_explain", question).await?;
    assert_eq!(found(&answer), ["full_scan"], "{flavour:?}: {answer:#}");
    assert!(!answer.to_string().contains("4711"));
    app.disconnect().await?;

    for (digest, says) in [
        ("0".repeat(64), "pass a `statement`"),
        ("SELECT".to_owned(), "hexadecimal"),
    ] {
        let question = json!({ "instance": "shop", "digest": digest });
        let reply = house.call("slowlog_explain", question).await?;
        assert!(
            reply.is_error && reply.text.contains(says),
            "{}",
            reply.text
        );
    }
    server.stop().await
}

#[tokio::test]
async fn the_sample_of_a_digest_is_explained_on_mysql() -> Result<()> {
    sample(Flavour::Mysql97).await
}

#[tokio::test]
async fn what_a_connected_thread_last_ran_is_the_sample_on_mariadb() -> Result<()> {
    sample(Flavour::Mariadb1011).await
}

async fn without_rights(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let account = LeastAccount::create(&server, 3).await?;
    let house = House::over(&[account.instance("shop", &server)])?;
    let statement = "SELECT * FROM orders WHERE id = 1";
    let question = json!({ "instance": "shop", "statement": statement, "schema": "shop" });
    let reply = house.call("slowlog_explain", question).await?;
    assert!(reply.is_error, "{}", reply.text);
    assert!(
        reply.text.contains("GRANT SELECT ON shop.orders"),
        "{}",
        reply.text
    );
    let mut root = server.root().await?;
    let user = LeastAccount::USER;
    root.query_drop(format!("GRANT SELECT ON shop.orders TO {user}@'127.0.0.1'"))
        .await?;
    root.disconnect().await?;
    assert_eq!(found(&explain(&house, statement).await?), [""; 0]);
    // Of a statement that writes only the part that reads is explained: no right to write is wanted.
    let answer = explain(&house, "UPDATE orders SET status = 'x' WHERE id = 1").await?;
    assert_eq!(answer["explained"], "the part of the UPDATE that reads");
    server.stop().await
}

#[tokio::test]
async fn an_account_that_may_not_read_the_tables_is_told_the_grant_on_mysql() -> Result<()> {
    without_rights(Flavour::Mysql97).await
}

#[tokio::test]
async fn an_account_that_may_not_read_the_tables_is_told_the_grant_on_mariadb() -> Result<()> {
    without_rights(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn what_is_wrong_with_the_statement_itself_is_told_without_its_values() -> Result<()> {
    let server = shop(Flavour::Mysql97).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    for (statement, says) in [
        (
            "SELECT * FROM orders WHERE colour = 'canary'",
            "names a column its tables do not have",
        ),
        (
            "SELECT * FROM nothing WHERE a = 'canary'",
            "no table shop.nothing",
        ),
        (
            "SELECT * FROM orders FORCE INDEX (no_such) WHERE id = 'canary'",
            "names an index that is not there",
        ),
        (
            "SELECT id FROM orders o JOIN customers c WHERE id = 'canary'",
            "several of its tables have",
        ),
    ] {
        let question = json!({ "instance": "shop", "statement": statement, "schema": "shop" });
        let reply = house.call("slowlog_explain", question).await?;
        assert!(
            reply.is_error && reply.text.contains(says),
            "{statement}: {}",
            reply.text
        );
        assert!(!reply.text.contains("canary"), "{}", reply.text);
    }
    server.stop().await
}
