//! A report has read `orders` in a transaction it leaves open; an `ALTER TABLE` waits for it, and
//! every storefront query on `orders` waits for the `ALTER`.

use anyhow::Result;
use mysql_async::prelude::Queryable;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of waiting storefront queries.
pub const VICTIMS: usize = 6;

/// Causes the incident with so many waiting storefront queries.
pub async fn start(server: &MySqlServer, victims: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    let mut report = App::Reporting.connect(server).await?;
    let statement = App::Reporting.comment(
        "SELECT status, COUNT(*), SUM(total_cents) FROM orders GROUP BY status",
        "reports/sales_by_status",
        1,
    );
    report.query_drop("START TRANSACTION").await?;
    report.query_drop(&statement).await?;

    let mut waiters = Waiters::default();
    let alter = App::Deploy.comment(
        "ALTER TABLE orders ADD COLUMN delivery_window VARCHAR(32) NULL",
        "migrations/0042_delivery_window",
        1,
    );
    let deploy = waiters.add(server, App::Deploy, vec![alter]).await?;
    // A query that came before the ALTER would not wait.
    watch::metadata_lock_waits(&mut root, &[deploy]).await?;

    let mut ids = Vec::new();
    for number in 0..victims as u64 {
        let select = App::Storefront.comment(
            &format!("SELECT id, status, total_cents FROM orders WHERE customer_id = {number}"),
            "/account/orders",
            number,
        );
        ids.push(waiters.add(server, App::Storefront, vec![select]).await?);
    }
    watch::metadata_lock_waits(&mut root, &ids).await?;
    watch::sleeping(&mut root, &[report.id()]).await?;
    // The table must stay as it is, so that the incident can be caused again.
    waiters.cancel_at_end(root, deploy);
    Ok(Incident {
        truth: Truth {
            incident: "mdl_pileup".to_owned(),
            culprit: Party::new(App::Reporting, vec![report.id()]),
            via: vec![Party::new(App::Deploy, vec![deploy])],
            victims: vec![Party::new(App::Storefront, ids)],
            object: "shop.orders".to_owned(),
            statement: Some(statement),
        },
        holders: vec![report],
        waiters,
        traffic: None,
        work: Work::default(),
    })
}
