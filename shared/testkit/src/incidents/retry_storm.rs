//! A batch holds a row; checkouts that want it wait a second, fail, and try again at once, for ever.

use anyhow::Result;
use mysql_async::prelude::Queryable;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of checkouts that try.
pub const CLIENTS: usize = 6;

/// Causes the incident with so many checkouts.
pub async fn start(server: &MySqlServer, clients: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    let mut batch = App::Batch.connect(server).await?;
    let held = App::Batch.comment(
        "UPDATE inventory SET quantity = quantity - 10 WHERE product_id = 1",
        "jobs/recount_inventory",
        1,
    );
    batch.query_drop("START TRANSACTION").await?;
    batch.query_drop(&held).await?;

    let mut work = Work::default();
    let mut ids = Vec::new();
    for _ in 0..clients {
        let first = "SET SESSION innodb_lock_wait_timeout = 1";
        let id = work
            .repeat_after(server, App::Checkout, first, update)
            .await?;
        ids.push(id);
    }
    watch::row_lock_waits(&mut root, &ids).await?;
    root.disconnect().await?;
    Ok(Incident {
        truth: Truth {
            incident: "retry_storm".to_owned(),
            culprit: Party::new(App::Checkout, ids),
            via: Vec::new(),
            victims: Vec::new(),
            object: "shop.inventory".to_owned(),
            statement: Some(update(1)),
        },
        holders: vec![batch],
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

/// What a checkout always runs, on the row that is held.
fn update(number: u64) -> String {
    App::Checkout.comment(
        "UPDATE inventory SET quantity = quantity - 1, reserved = reserved + 1 WHERE product_id = 1",
        "/checkout/{cart}/pay",
        number,
    )
}
