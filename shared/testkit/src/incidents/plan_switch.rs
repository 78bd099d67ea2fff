//! An administrator switches index merging off for the whole server; new connections of the
//! storefront then read a whole table for a query that needs a handful of rows.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;
use crate::shop::{CUSTOMERS, scatter};

/// The usual number of connections that run the query.
pub const VICTIMS: usize = 3;

/// How often each of them runs it.
const EVERY: Duration = Duration::from_millis(150);
/// Runs with the good plan before, as on any other day.
const RUNS_BEFORE: u64 = 30;
/// Scans by which the incident is known to have begun.
const SCANS: u64 = 10;

/// The query with the good plan, as on any other day.
pub async fn as_usual(server: &MySqlServer) -> Result<()> {
    let mut before = App::Storefront.connect(server).await?;
    for number in 0..RUNS_BEFORE {
        before.query_drop(query(number)).await?;
    }
    Ok(before.disconnect().await?)
}

/// Causes the incident with so many new connections.
pub async fn start(server: &MySqlServer, victims: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    as_usual(server).await?;
    let statement = "SET GLOBAL optimizer_switch = 'index_merge=off'";
    root.query_drop(statement).await?;
    let table = if server.flavour().is_mariadb() {
        "information_schema.global_status"
    } else {
        "performance_schema.global_status"
    };
    let scans = format!(
        "SELECT CAST(variable_value AS UNSIGNED) FROM {table} WHERE variable_name = 'Select_scan'"
    );
    let scans_before: u64 = root.query_first(&scans).await?.unwrap_or_default();
    let mut work = Work::default();
    let mut ids = Vec::new();
    for _ in 0..victims {
        ids.push(
            work.repeat_every(server, App::Storefront, EVERY, query)
                .await?,
        );
    }
    watch::at_least(&mut root, &scans, scans_before + SCANS, "scans").await?;
    let undo = vec!["SET GLOBAL optimizer_switch = 'index_merge=on'".to_owned()];
    work.undo_at_end(root, undo);
    Ok(Incident {
        truth: Truth {
            incident: "plan_switch".to_owned(),
            culprit: Party {
                user: "root".to_owned(),
                program_name: String::new(),
                connection_ids: Vec::new(),
            },
            via: Vec::new(),
            victims: vec![Party::new(App::Storefront, ids)],
            object: "optimizer_switch index_merge".to_owned(),
            statement: Some(statement.to_owned()),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

/// Two conditions, each with an index of its own.
fn query(number: u64) -> String {
    let customer = 1 + scatter(number) % CUSTOMERS;
    let day = 1 + number % 28;
    App::Storefront.comment(
        &format!(
            "SELECT COUNT(*) FROM orders WHERE customer_id = {customer} \
             OR (status = 'returned' AND created_at = '2026-03-{day:02} 10:15:00')"
        ),
        "/account/history",
        number,
    )
}
