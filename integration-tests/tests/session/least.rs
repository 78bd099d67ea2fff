//! The account the product asks for is enough for every tool, and for nothing else.

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, LeastAccount};
use storex_testkit::incidents::Kind;
use storex_testkit::{Flavour, accounts};

use super::{ask_all, shop};

/// What an account with only those grants must be refused.
const FORBIDDEN: [&str; 12] = [
    "SELECT COUNT(*) FROM shop.customers",
    "EXPLAIN SELECT * FROM shop.customers",
    "ALTER TABLE shop.orders ADD FOREIGN KEY (customer_id) REFERENCES shop.customers (id)",
    "SELECT * FROM shop.customers LIMIT 1",
    "UPDATE shop.inventory SET quantity = 0",
    "CREATE TABLE shop.t (id INT)",
    "SET GLOBAL max_connections = 1",
    "SELECT 'x' INTO OUTFILE '/tmp/storex-least'",
    "SELECT * FROM mysql.user LIMIT 1",
    "FLUSH TABLES WITH READ LOCK",
    "CREATE USER storex2",
    "SHUTDOWN",
];

async fn least(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let account = LeastAccount::create(&server, 3).await?;
    let instance = account.instance("shop", &server).with_logs_of(&server);
    let house = House::over(&[instance])?;
    let incident = Kind::HotRow.start(&server).await?;
    for (tool, answer) in ask_all(&house, "shop").await? {
        assert_eq!(
            answer["coverage"]["missing"],
            Value::Null,
            "{tool} on {flavour:?}: {answer:#}"
        );
        assert_eq!(
            answer["coverage"]["expected"], answer["coverage"]["answered"],
            "{tool}: {answer:#}"
        );
    }
    // Definitions without a right to any row; triggers are shown to those who may change them.
    let question = json!({ "instance": "shop", "table": "shop.orders" });
    let orders = house.ask("innodb_schema", question).await?;
    let missing = orders["coverage"]["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1, "{flavour:?}: {orders:#}");
    assert_eq!(missing[0]["what"], "triggers", "{flavour:?}: {orders:#}");
    assert_eq!(orders["columns"].as_array().unwrap().len(), 5, "{orders:#}");
    incident.end().await?;

    let mut conn =
        accounts::connect_as(&server, LeastAccount::USER, LeastAccount::PASSWORD).await?;
    for statement in FORBIDDEN {
        let refused = conn.query_drop(statement).await;
        assert!(
            matches!(refused, Err(mysql_async::Error::Server(_))),
            "{flavour:?} lets it {statement}"
        );
    }
    conn.disconnect().await?;
    for words in [
        "ALL",
        "INSERT",
        "UPDATE",
        "DELETE",
        "SUPER",
        "FILE",
        "GRANT OPTION",
        "CONNECTION_ADMIN ",
    ] {
        let told = account
            .statements()
            .iter()
            .filter(|text| !text.contains("SERVICE_CONNECTION_ADMIN"));
        for text in told {
            assert!(!text.contains(words), "{text}");
        }
    }
    server.stop().await
}

#[tokio::test]
async fn the_printed_account_runs_every_tool_with_nothing_missing_on_mysql() -> Result<()> {
    least(Flavour::Mysql97).await
}

#[tokio::test]
async fn the_printed_account_runs_every_tool_with_nothing_missing_on_mariadb() -> Result<()> {
    least(Flavour::Mariadb1011).await
}
