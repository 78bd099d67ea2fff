//! A statement a caller named: explained, never run, and nothing of it left behind.

use mysql_async::prelude::Queryable;
use storex_sources::{Explainable, Flavour as Family, SourceError, Value};
use storex_statement::Grammar;
use storex_testkit::{Flavour, MySqlServer, Options};

use crate::support::{CONNECTION, endpoint, live, reader, run, start};

const TABLE: &[&str] = &[
    "CREATE DATABASE lab",
    "CREATE TABLE lab.five (a INT PRIMARY KEY, b INT) ENGINE=InnoDB",
    "INSERT INTO lab.five VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)",
];

fn statement(sql: &str, flavour: Flavour) -> Explainable {
    let grammar = if flavour.is_mariadb() {
        Grammar::MariaDb
    } else {
        Grammar::MySql
    };
    Explainable::allow(sql, Some("lab"), grammar).unwrap()
}

async fn status(server: &MySqlServer, name: &str) -> u64 {
    let mut root = server.root().await.unwrap();
    let row: Option<(String, u64)> = root
        .query_first(format!("SHOW GLOBAL STATUS LIKE '{name}'"))
        .await
        .unwrap();
    root.disconnect().await.unwrap();
    row.unwrap().1
}

#[tokio::test]
async fn a_plan_has_a_row_a_step_and_the_session_stays_as_it_was() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, TABLE).await;
        let live = live(endpoint(&server));
        let reader = reader(&live);
        let family = reader.server().await.unwrap().flavour;
        assert_eq!(family == Family::MariaDb, flavour.is_mariadb());
        let session = reader.read(&CONNECTION, &[]).await.unwrap();
        let before = status(&server, "Handler_update").await;

        let plan = reader
            .explain(&statement(
                "SELECT * FROM five f JOIN five g ON g.a = f.b",
                flavour,
            ))
            .await
            .unwrap();
        assert_eq!(plan.rows.len(), 2, "{plan:?}");
        for column in [
            "select_type",
            "table",
            "type",
            "key",
            "rows",
            "filtered",
            "extra",
        ] {
            assert!(
                plan.columns.iter().any(|one| one == column),
                "{flavour:?}: {plan:?}"
            );
        }
        let update = statement("UPDATE five SET b = b + 1 WHERE a > 2", flavour);
        reader.explain(&update).await.unwrap();

        // On the same connection, with nothing prepared on it and no table to find without its schema.
        assert_eq!(
            reader.read(&CONNECTION, &[]).await.unwrap().rows,
            session.rows
        );
        assert_eq!(status(&server, "Prepared_stmt_count").await, 0);
        assert_eq!(status(&server, "Handler_update").await, before);
        let mut root = server.root().await.unwrap();
        let rows: Option<u64> = root
            .query_first("SELECT SUM(b) FROM lab.five")
            .await
            .unwrap();
        assert_eq!(rows, Some(15));
        root.disconnect().await.unwrap();
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_statement_keeps_its_number_and_the_connection() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, TABLE).await;
        let live = live(endpoint(&server));
        let reader = reader(&live);
        let session = reader.read(&CONNECTION, &[]).await.unwrap();
        for (sql, number) in [
            ("SELECT nothing FROM five", 1054),
            ("SELECT * FROM nothing", 1146),
            ("SELECT * FROM nowhere.five", 1146),
            ("SELECT a FROM five f JOIN five g", 1052),
        ] {
            let refused = reader.explain(&statement(sql, flavour)).await.unwrap_err();
            let SourceError::Query { code, .. } = refused else {
                panic!("{flavour:?}: {sql}: {refused:?}");
            };
            assert!(code == number || code == 1049, "{flavour:?}: {sql}: {code}");
        }
        assert_eq!(
            reader.read(&CONNECTION, &[]).await.unwrap().rows,
            session.rows
        );
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_table_somebody_holds_is_waited_for_shortly() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, TABLE).await;
        let mut holder = server.root().await.unwrap();
        holder
            .query_drop("LOCK TABLES lab.five WRITE")
            .await
            .unwrap();
        let live = live(endpoint(&server));
        let reader = reader(&live);
        let asked = statement("SELECT * FROM five WHERE b = 3", flavour);
        let refused = reader.explain(&asked).await.unwrap_err();
        assert!(
            matches!(refused, SourceError::TimedOut { .. }),
            "{flavour:?}: {refused:?}"
        );
        holder.query_drop("UNLOCK TABLES").await.unwrap();
        let plan = reader.explain(&asked).await.unwrap();
        assert!(matches!(plan.rows[0][2], Value::Text(_)), "{plan:?}");
        holder.disconnect().await.unwrap();
        server.stop().await.unwrap();
    }
}
