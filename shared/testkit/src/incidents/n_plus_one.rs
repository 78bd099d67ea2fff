//! A release of the mobile application asks for a list of orders and then for each order's items.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use tokio::time::sleep;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth};
use crate::MySqlServer;
use crate::accounts::App;
use crate::shop::{ORDERS, scatter};

/// The usual number of telephones.
pub const CLIENTS: usize = 4;

/// Orders on a page.
const ROWS: u64 = 40;
/// Between two pages.
const PAUSE: Duration = Duration::from_millis(60);
const ROUTE: &str = "/v3/orders";

/// Causes the incident with so many clients.
pub async fn start(server: &MySqlServer, clients: usize) -> Result<Incident> {
    let mut work = Work::default();
    let mut ids = Vec::new();
    for client in 0..clients as u64 {
        let mut conn = App::Mobile.connect(server).await?;
        ids.push(conn.id());
        work.run(|stopped| async move {
            for page in client * 1_000.. {
                let first = 1 + scatter(page) % (ORDERS - ROWS);
                let orders = first..first + ROWS;
                let statements = std::iter::once(list(first)).chain(orders.map(items));
                for statement in statements {
                    if *stopped.borrow() || conn.query_drop(statement).await.is_err() {
                        let _ = conn.disconnect().await;
                        return;
                    }
                }
                sleep(PAUSE).await;
            }
        });
    }
    Ok(Incident {
        truth: Truth {
            incident: "n_plus_one".to_owned(),
            culprit: Party::new(App::Mobile, ids),
            via: Vec::new(),
            victims: Vec::new(),
            object: "shop.order_items".to_owned(),
            statement: Some(items(1)),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

fn list(first: u64) -> String {
    App::Mobile.comment(
        &format!("SELECT id, status FROM orders WHERE id >= {first} ORDER BY id LIMIT {ROWS}"),
        ROUTE,
        first,
    )
}

fn items(order: u64) -> String {
    App::Mobile.comment(
        &format!("SELECT product_id, quantity FROM order_items WHERE order_id = {order}"),
        ROUTE,
        order,
    )
}
