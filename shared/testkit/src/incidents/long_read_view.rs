//! A report keeps a consistent snapshot open and idle while the shop goes on writing, so that
//! purge cannot remove old row versions and the history list grows.

use anyhow::Result;
use mysql_async::prelude::Queryable;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;
use crate::traffic::{Load, Traffic};

/// The usual growth of the history list.
pub const HISTORY: u64 = 500;

const WRITERS: [Load; 2] = [
    Load {
        app: App::Mobile,
        clients: 4,
        per_second: 100,
    },
    Load {
        app: App::Worker,
        clients: 4,
        per_second: 100,
    },
];

/// Causes the incident and waits until the history list has grown by `history`.
pub async fn start(server: &MySqlServer, history: u64) -> Result<Incident> {
    let mut root = server.root().await?;
    let mut report = App::Reporting.connect(server).await?;
    let statement = App::Reporting.comment(
        "SELECT customer_id, SUM(total_cents) FROM orders GROUP BY customer_id",
        "reports/customer_value",
        1,
    );
    report
        .query_drop("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        .await?;
    report
        .query_drop("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        .await?;
    report.query_drop(&statement).await?;

    let query = if server.flavour().is_mariadb() {
        "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
         WHERE variable_name = 'INNODB_HISTORY_LIST_LENGTH'"
    } else {
        "SELECT CAST(count AS UNSIGNED) FROM information_schema.innodb_metrics \
         WHERE name = 'trx_rseg_history_len'"
    };
    let before: u64 = root.query_first(query).await?.unwrap_or_default();
    let traffic = Traffic::start(server, &WRITERS).await?;
    watch::at_least(&mut root, query, before + history, "history list length").await?;
    watch::sleeping(&mut root, &[report.id()]).await?;
    root.disconnect().await?;
    Ok(Incident {
        truth: Truth {
            incident: "long_read_view".to_owned(),
            culprit: Party::new(App::Reporting, vec![report.id()]),
            via: Vec::new(),
            victims: Vec::new(),
            object: "undo history".to_owned(),
            statement: Some(statement),
        },
        holders: vec![report],
        waiters: Waiters::default(),
        traffic: Some(traffic),
        work: Work::default(),
    })
}
