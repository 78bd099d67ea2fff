//! The shop is the same at every run, and its applications can be told apart.

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use storex_testkit::accounts::{self, App};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, shop};

#[tokio::test]
async fn applications_are_labelled_and_data_is_deterministic() -> Result<()> {
    for flavour in Flavour::ALL {
        let options = Options {
            performance_schema: PerformanceSchema::Full,
            ..Options::default()
        };
        let server = MySqlServer::start(flavour, options).await?;
        accounts::create_shop(&server).await?;
        let mut conn = App::Checkout.connect(&server).await?;
        let program: Option<String> = conn
            .query_first(
                "SELECT attr_value FROM performance_schema.session_account_connect_attrs \
                 WHERE processlist_id = CONNECTION_ID() AND attr_name = 'program_name'",
            )
            .await?;
        ensure!(program.as_deref() == Some("checkout-api"), "{program:?}");
        let row: (u64, u64) = conn
            .query_first("SELECT COUNT(*), CAST(SUM(total_cents) AS UNSIGNED) FROM orders")
            .await?
            .context("no row")?;
        ensure!(row == (shop::ORDERS, 101_485_030), "{flavour:?}: {row:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_monitoring_account_has_what_the_statements_give() -> Result<()> {
    for flavour in Flavour::ALL {
        let server = MySqlServer::start(flavour, Options::default()).await?;
        accounts::create_shop(&server).await?;
        let statements = [
            "CREATE USER monitor@'%' IDENTIFIED BY 'secret'",
            "GRANT PROCESS ON *.* TO monitor@'%'",
        ];
        accounts::create_monitoring_account(&server, &statements).await?;
        let mut conn = accounts::connect_as(&server, "monitor", "secret").await?;
        conn.query_drop("SELECT * FROM information_schema.innodb_trx")
            .await?;
        let denied = conn.query_drop("SELECT * FROM shop.customers").await;
        ensure!(denied.is_err(), "{flavour:?}: rows can be read");
    }
    Ok(())
}
