//! A nightly batch rewrites a whole table in one transaction; the replica applies it in one piece
//! and falls behind while the shop goes on.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use tokio::time::sleep;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::accounts::App;
use crate::replica::Replica;
use crate::{MySqlServer, shop};

/// The table the batch rewrites.
pub const TABLE: &str = "price_history";

/// How much later than it could the replica begins with a [`Table::Large`].
pub const HELD: Duration = Duration::from_secs(10);

/// What the rewritten table looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Many rows with a primary key and several indexes. The replica begins with it [`HELD`] late,
    /// as after a backup, because the change itself takes only seconds on a quick machine.
    Large,
    /// Fewer rows without any key: the replica searches the whole table for each of them.
    WithoutKey,
}

impl Table {
    /// The time without a key grows with the square of the rows; MySQL searches for many rows at
    /// once, MariaDB for each. With a key MariaDB is the quicker one.
    const fn rows(self, mariadb: bool) -> u32 {
        match (self, mariadb) {
            (Self::Large, false) => 1 << 17,
            (Self::Large, true) => 1 << 19,
            (Self::WithoutKey, false) => 1 << 16,
            (Self::WithoutKey, true) => 1 << 15,
        }
    }

    const fn keys(self) -> &'static str {
        match self {
            Self::Large => ", PRIMARY KEY (id), KEY (sku), KEY (note), KEY (price_cents, note)",
            Self::WithoutKey => "",
        }
    }
}

/// Causes the incident and waits until the replica is at work on the transaction.
pub async fn start(source: &MySqlServer, replica: &Replica, table: Table) -> Result<Incident> {
    fill(source, table).await?;
    replica.catch_up(source).await?;
    let mut batch = App::Batch.connect(source).await?;
    let statement = App::Batch.comment(
        "UPDATE price_history SET price_cents = price_cents + 1, \
         note = CONCAT('revised ', REVERSE(id), ' ', sku)",
        "jobs/revise_prices",
        1,
    );
    if table == Table::Large {
        replica.stop_applier().await?;
    }
    batch.query_drop("START TRANSACTION").await?;
    batch.query_drop(&statement).await?;
    batch.query_drop("COMMIT").await?;
    if table == Table::Large {
        sleep(HELD).await;
        replica.start_threads().await?;
    }

    let mut root = replica.server().root().await?;
    watch::at_least(
        &mut root,
        "SELECT COALESCE(MAX(trx_rows_modified), 0) FROM information_schema.innodb_trx",
        100,
        "rows the replica has changed of the transaction",
    )
    .await?;
    root.disconnect().await?;
    Ok(Incident {
        truth: Truth {
            incident: "replication_lag".to_owned(),
            culprit: Party::new(App::Batch, vec![batch.id()]),
            via: Vec::new(),
            victims: Vec::new(),
            object: format!("{}.{TABLE}", shop::DATABASE),
            statement: Some(statement),
        },
        holders: vec![batch],
        waiters: Waiters::default(),
        traffic: None,
        work: Work::default(),
    })
}

/// Makes the table, doubling its rows.
async fn fill(source: &MySqlServer, table: Table) -> Result<()> {
    let mut root = source.root().await?;
    root.query_drop(format!("USE {}", shop::DATABASE)).await?;
    root.query_drop(format!("DROP TABLE IF EXISTS {TABLE}"))
        .await?;
    root.query_drop(format!(
        "CREATE TABLE {TABLE} (id INT UNSIGNED NOT NULL, sku VARCHAR(24) NOT NULL, \
         price_cents INT UNSIGNED NOT NULL, note VARCHAR(60) NOT NULL{}) ENGINE=InnoDB",
        table.keys()
    ))
    .await?;
    root.query_drop(format!("INSERT INTO {TABLE} VALUES (0, 'SKU-0', 100, '')"))
        .await?;
    let mut rows = 1;
    while rows < table.rows(source.flavour().is_mariadb()) {
        root.query_drop(format!(
            "INSERT INTO {TABLE} SELECT id + {rows}, CONCAT('SKU-', id + {rows}), \
             price_cents + id % 900, note FROM {TABLE}"
        ))
        .await?;
        rows *= 2;
    }
    root.disconnect().await?;
    Ok(())
}
