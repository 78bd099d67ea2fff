//! A migration drops the index the storefront finds a customer's orders by; each look at them then reads
//! the whole table.

use anyhow::Result;
use mysql_async::prelude::Queryable;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth};
use crate::MySqlServer;
use crate::accounts::App;

/// Causes the incident. Those who suffer are the storefront's clients of the healthy traffic.
pub async fn start(server: &MySqlServer) -> Result<Incident> {
    let root = server.root().await?;
    let mut deploy = App::Deploy.connect(server).await?;
    let id = deploy.id();
    let statement = App::Deploy.comment(
        "ALTER TABLE orders DROP INDEX orders_customer",
        "migrations/drop_unused_indexes",
        1,
    );
    deploy.query_drop(&statement).await?;
    deploy.disconnect().await?;
    let mut work = Work::default();
    let undo = "ALTER TABLE shop.orders ADD INDEX orders_customer (customer_id)";
    work.undo_at_end(root, vec![undo.to_owned()]);
    Ok(Incident {
        truth: Truth {
            incident: "dropped_index".to_owned(),
            culprit: Party::new(App::Deploy, vec![id]),
            via: Vec::new(),
            victims: vec![Party::new(App::Storefront, Vec::new())],
            object: "shop.orders".to_owned(),
            statement: Some(statement),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}
