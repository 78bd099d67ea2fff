//! Someone set the redo log to 8 MiB, and a worker rewrites wide rows faster than pages can be
//! flushed: the checkpoint is forced all the time.

use anyhow::Result;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, big_table, settings, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of workers at once.
pub const WORKERS: usize = 4;

const REDO_BYTES: u64 = 8 << 20;
/// Rows one statement rewrites.
const BATCH: u64 = 200;
/// Redo after which the log has been turned over several times.
const WRITTEN: u64 = 40 << 20;

/// Causes the incident with so many workers.
pub async fn start(server: &MySqlServer, workers: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    big_table::create(&mut root).await?;
    let mariadb = server.flavour().is_mariadb();
    let (setting, written) = if mariadb {
        (
            "innodb_log_file_size",
            "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
             WHERE variable_name = 'INNODB_LSN_CURRENT'",
        )
    } else {
        (
            "innodb_redo_log_capacity",
            "SELECT CAST(variable_value AS UNSIGNED) FROM performance_schema.global_status \
             WHERE variable_name = 'Innodb_redo_log_current_lsn'",
        )
    };
    let undo = settings::set(&mut root, &[(setting, REDO_BYTES)]).await?;
    let before = watch::number(&mut root, written).await?;

    let mut work = Work::default();
    let mut ids = Vec::new();
    for worker in 0..workers as u64 {
        let rewrite = move |number: u64| rewrite(worker, number);
        ids.push(work.repeat(server, App::Worker, rewrite).await?);
    }
    watch::at_least(&mut root, written, before + WRITTEN, "bytes of redo").await?;
    work.undo_at_end(root, undo);
    Ok(Incident {
        truth: Truth {
            incident: "redo_small".to_owned(),
            culprit: Party::new(App::Worker, ids),
            via: Vec::new(),
            victims: Vec::new(),
            object: setting.to_owned(),
            statement: Some(rewrite(0, 1)),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

/// Each worker has rows of its own, so that they do not wait for each other's locks.
fn rewrite(worker: u64, number: u64) -> String {
    let own = big_table::ROWS / WORKERS as u64;
    let from = worker * own + number * BATCH % (own - BATCH);
    let letter = char::from(b'a' + (number % 26) as u8);
    let statement = format!(
        "UPDATE sales_history SET payload = REPEAT('{letter}', 1000) \
         WHERE id BETWEEN {from} AND {}",
        from + BATCH - 1
    );
    App::Worker.comment(&statement, "jobs/rewrite_history", number)
}
