//! Someone shrinks the buffer pool, and an export scans a table several times its size again and
//! again, so that everyone else's pages are thrown out.

use anyhow::Result;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, big_table, settings, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of exports at once.
pub const EXPORTS: usize = 2;

const POOL_BYTES: u64 = 12 << 20;
const PAGES_READ: u64 = 10_000;
const SHRUNK: &str = "SELECT @@GLOBAL.innodb_buffer_pool_size <= 12582912";

/// Causes the incident with so many exports.
pub async fn start(server: &MySqlServer, exports: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    big_table::create(&mut root).await?;
    let undo = settings::set(&mut root, &[("innodb_buffer_pool_size", POOL_BYTES)]).await?;
    watch::at_least(&mut root, SHRUNK, 1, "a small buffer pool").await?;

    let export = |number: u64| {
        let from = number % 3;
        let statement = format!(
            "SELECT region, COUNT(*), SUM(CHAR_LENGTH(payload)) FROM sales_history \
             WHERE id > {from} AND payload LIKE '%zq%' GROUP BY region"
        );
        App::Reporting.comment(&statement, "reports/full_history_export", number)
    };
    let read = if server.flavour().is_mariadb() {
        "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
         WHERE variable_name = 'INNODB_PAGES_READ'"
    } else {
        "SELECT CAST(variable_value AS UNSIGNED) FROM performance_schema.global_status \
         WHERE variable_name = 'Innodb_pages_read'"
    };
    let before = watch::number(&mut root, read).await?;
    let mut work = Work::default();
    let mut ids = Vec::new();
    for _ in 0..exports {
        ids.push(work.repeat(server, App::Reporting, export).await?);
    }
    watch::at_least(&mut root, read, before + PAGES_READ, "pages read").await?;
    work.undo_at_end(root, undo);
    Ok(Incident {
        truth: Truth {
            incident: "buffer_pool_thrash".to_owned(),
            culprit: Party::new(App::Reporting, ids),
            via: Vec::new(),
            victims: Vec::new(),
            object: "innodb_buffer_pool_size".to_owned(),
            statement: Some(export(1)),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}
