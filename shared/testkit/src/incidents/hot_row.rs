//! A nightly batch updates a row of `inventory` and forgets to commit; checkouts queue for it.

use anyhow::Result;
use mysql_async::prelude::Queryable;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of checkouts in the queue.
pub const VICTIMS: usize = 6;

/// Causes the incident with so many waiting checkouts.
pub async fn start(server: &MySqlServer, victims: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    let mut batch = App::Batch.connect(server).await?;
    let statement = App::Batch.comment(
        "UPDATE inventory SET quantity = quantity - 10 WHERE product_id = 1",
        "jobs/recount_inventory",
        1,
    );
    batch.query_drop("START TRANSACTION").await?;
    batch.query_drop(&statement).await?;

    let mut waiters = Waiters::default();
    let mut ids = Vec::new();
    for number in 0..victims as u64 {
        let update = App::Checkout.comment(
            "UPDATE inventory SET reserved = reserved + 1 WHERE product_id = 1",
            "/checkout/{cart}/pay",
            number,
        );
        let statements = vec![
            // The incident lasts longer than clients would wait, for as long as a test looks.
            "SET SESSION innodb_lock_wait_timeout = 3600".to_owned(),
            "START TRANSACTION".to_owned(),
            update,
        ];
        ids.push(waiters.add(server, App::Checkout, statements).await?);
    }
    watch::row_lock_waits(&mut root, &ids).await?;
    watch::sleeping(&mut root, &[batch.id()]).await?;
    root.disconnect().await?;
    Ok(Incident {
        truth: Truth {
            incident: "hot_row".to_owned(),
            culprit: Party::new(App::Batch, vec![batch.id()]),
            via: Vec::new(),
            victims: vec![Party::new(App::Checkout, ids)],
            object: "shop.inventory".to_owned(),
            statement: Some(statement),
        },
        holders: vec![batch],
        waiters,
        traffic: None,
        work: Work::default(),
    })
}
