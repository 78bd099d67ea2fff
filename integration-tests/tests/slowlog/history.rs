//! From the statements that cost most to one of them, and to its plan.

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer};

use super::logging_shop;

const RUNS: u64 = 30;
/// A value no other statement has.
const CANARY: u64 = 4_711_000;

async fn look_for_totals(server: &MySqlServer) -> Result<()> {
    let mut root = server.root().await?;
    root.query_drop("USE shop").await?;
    for run in 0..RUNS {
        let total = CANARY + run;
        root.query_drop(format!("SELECT * FROM orders WHERE total_cents = {total}"))
            .await?;
    }
    Ok(root.disconnect().await?)
}

async fn id_of(house: &House, part: &str) -> Result<String> {
    let top = json!({ "instance": "shop", "limit": 50, "detail": "full" });
    let top = house.ask("slowlog_top", top).await?;
    let statements = top["statements"].as_array().context("no statements")?;
    let is_it = |row: &&Value| {
        row["statement"]
            .as_str()
            .is_some_and(|text| text.contains(part))
    };
    let row = statements.iter().find(is_it);
    let id = row.with_context(|| format!("{top:#}"))?["id"].as_str();
    Ok(id.context("no id")?.to_owned())
}

async fn walk(flavour: Flavour) -> Result<()> {
    let server = logging_shop(flavour).await?;
    look_for_totals(&server).await?;
    let house = House::over(&[Instance::of("shop", &server).with_logs_of(&server)])?;
    let id = id_of(&house, "where total_cents = ?").await?;

    let question = json!({ "instance": "shop", "id": id });
    let answer = house.ask("slowlog_query", question).await?;
    assert_eq!(answer["query"]["count"], RUNS, "{answer:#}");
    assert_eq!(answer["tables"], json!(["orders"]), "{answer:#}");
    assert_eq!(
        answer["slowest"].as_array().map(Vec::len),
        Some(5),
        "{answer:#}"
    );
    let runs = answer["timeline"].as_array().into_iter().flatten();
    let runs: u64 = runs.filter_map(|slot| slot["runs"].as_u64()).sum();
    assert_eq!(runs, RUNS, "{answer:#}");
    assert!(!answer.to_string().contains("4711"), "{answer:#}");

    let question = json!({ "instance": "shop", "id": id, "literals": true });
    let answer = house.ask("slowlog_query", question).await?;
    let slowest = answer["slowest"][0]["statement"].as_str();
    assert!(
        slowest.is_some_and(|text| text.contains("4711")),
        "{answer:#}"
    );

    let question = json!({ "instance": "shop", "id": id, "detail": "full" });
    let plan = house.ask("slowlog_explain", question).await?;
    assert_eq!(plan["findings"][0]["id"], "full_scan", "{plan:#}");
    assert!(
        plan["indexes"].to_string().contains("total_cents"),
        "{plan:#}"
    );
    assert!(!plan.to_string().contains("4711"), "{plan:#}");

    let question = json!({ "instance": "shop", "id": "0123456789abcdef" });
    let none = house.ask("slowlog_query", question).await?;
    let headline = none["headline"].as_str().unwrap_or_default();
    assert!(
        headline.starts_with("no run of 0123456789abcdef"),
        "{none:#}"
    );

    let down = House::over(&[Instance::nowhere("shop").with_logs_of(&server)])?;
    assert_eq!(id_of(&down, "where total_cents = ?").await?, id);
    server.stop().await
}

#[tokio::test]
async fn a_costly_statement_is_followed_to_its_plan_on_mysql_and_listed_when_that_is_down()
-> Result<()> {
    walk(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_costly_statement_is_followed_to_its_plan_on_mariadb_and_listed_when_that_is_down()
-> Result<()> {
    walk(Flavour::Mariadb1011).await
}

/// Without a log the server's own counters tell what runs now.
async fn counted(flavour: Flavour) -> Result<()> {
    let server = super::shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    look_for_totals(&server).await?;
    let (answer, ran) = tokio::join!(
        house.ask("slowlog_top", json!({ "instance": "shop", "limit": 50 })),
        async {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            look_for_totals(&server).await
        }
    );
    ran?;
    let answer = answer?;
    let rows = answer["statements"].as_array().context("no statements")?;
    let is_it = |row: &&Value| {
        let text = row["statement"].as_str().unwrap_or_default();
        text.contains("`total_cents` = ?")
    };
    let row = rows
        .iter()
        .find(is_it)
        .with_context(|| format!("{answer:#}"))?;
    assert_eq!(row["count"], RUNS, "{answer:#}");
    assert!(row["no_index"].as_u64() == Some(RUNS), "{answer:#}");
    let missing = answer["coverage"]["missing"].to_string();
    assert!(missing.contains("slow log"), "{answer:#}");
    let finding = &answer["findings"][0];
    assert_eq!(finding["id"], "examined_far_above_returned", "{answer:#}");
    assert_eq!(finding["next"][0]["arguments"]["digest"], row["digest"]);
    let question = json!({ "instance": "shop", "digest": row["digest"] });
    if flavour == Flavour::Mysql97 {
        let plan = house.ask("slowlog_explain", question).await?;
        assert_eq!(plan["findings"][0]["id"], "full_scan", "{plan:#}");
    }
    server.stop().await
}

#[tokio::test]
async fn without_a_log_the_counters_of_mysql_tell_what_runs_now() -> Result<()> {
    counted(Flavour::Mysql97).await
}

#[tokio::test]
async fn without_a_log_the_counters_of_mariadb_tell_what_runs_now() -> Result<()> {
    counted(Flavour::Mariadb1011).await
}
