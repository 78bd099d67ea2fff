//! A table of wide rows, larger than what the shop has: `shop.sales_history`.

use anyhow::Result;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

/// Times the table's rows are doubled: 32,768 rows of about 1 KiB, 40 MB.
const DOUBLINGS: u32 = 15;
/// Rows there are.
pub(super) const ROWS: u64 = 1 << DOUBLINGS;

/// Makes the table and its rows, once per server, and has its pages written: a redo log still full of
/// the filling would be an incident of its own.
pub(super) async fn create(root: &mut Conn) -> Result<()> {
    root.query_drop(
        "CREATE TABLE IF NOT EXISTS shop.sales_history (\
           id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, \
           region INT NOT NULL, \
           payload VARCHAR(2000) NOT NULL\
         ) ENGINE=InnoDB",
    )
    .await?;
    let filled: Option<u64> = root
        .query_first("SELECT id FROM shop.sales_history LIMIT 1")
        .await?;
    if filled.is_some() {
        return Ok(());
    }
    root.query_drop(
        "INSERT INTO shop.sales_history (region, payload) VALUES (1, REPEAT('a', 1000))",
    )
    .await?;
    for _ in 0..DOUBLINGS {
        root.query_drop(
            "INSERT INTO shop.sales_history (region, payload) \
             SELECT id % 50, payload FROM shop.sales_history",
        )
        .await?;
    }
    root.query_drop("FLUSH TABLES shop.sales_history FOR EXPORT")
        .await?;
    root.query_drop("UNLOCK TABLES").await?;
    Ok(())
}
