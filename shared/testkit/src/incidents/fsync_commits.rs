//! A nightly batch commits each row by itself, from many clients at once, on a server that makes
//! every commit durable. Start the server with a binary log, and on a disk: in memory a
//! synchronisation costs nothing.

use anyhow::Result;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, settings, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of clients.
pub const CLIENTS: usize = 12;
/// Rows after which the incident is under way.
const ROWS: u64 = 500;

/// Causes the incident with so many clients.
pub async fn start(server: &MySqlServer, clients: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    let durable = [("innodb_flush_log_at_trx_commit", 1), ("sync_binlog", 1)];
    let undo = settings::set(&mut root, &durable).await?;
    let rows = "SELECT COUNT(*) FROM shop.archive";
    let before = watch::number(&mut root, rows).await?;

    let insert = |number: u64| {
        let statement = format!(
            "INSERT INTO archive (order_id, body, archived_at) VALUES ({number}, 'archived', NOW())"
        );
        App::Batch.comment(&statement, "jobs/archive_one_by_one", number)
    };
    let mut work = Work::default();
    let mut ids = Vec::new();
    for _ in 0..clients {
        ids.push(work.repeat(server, App::Batch, insert).await?);
    }
    watch::at_least(&mut root, rows, before + ROWS, "rows of the batch").await?;
    work.undo_at_end(root, undo);
    Ok(Incident {
        truth: Truth {
            incident: "fsync_commits".to_owned(),
            culprit: Party::new(App::Batch, ids),
            via: Vec::new(),
            victims: Vec::new(),
            object: "shop.archive".to_owned(),
            statement: Some(insert(1)),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}
