//! The disk of the binary log runs full: every commit hangs and reads go on. Start the server with
//! `--log-bin` below a [`SmallDisk`](crate::SmallDisk).

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tempfile::TempPath;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// A disk that is larger is not one made for this.
const MOST_BYTES: u64 = 64 << 20;
/// What is left to the batch.
const LEFT_BYTES: u64 = 1 << 20;
/// Commits hang for so long when the incident is under way.
const HUNG_S: u64 = 2;

/// Causes the incident.
pub async fn start(server: &MySqlServer) -> Result<Incident> {
    let mut root = server.root().await?;
    let folder = folder(&mut root).await?;
    let mut work = Work::default();
    work.remove_at_end(fill(&folder)?);

    let statement = App::Batch.comment(
        "INSERT INTO archive (order_id, body, archived_at) VALUES (1, REPEAT('x', 60000), NOW())",
        "jobs/archive_orders",
        1,
    );
    let repeated = statement.clone();
    let culprit = work
        .repeat(server, App::Batch, move |_| repeated.clone())
        .await?;
    hung(&mut root, &[culprit]).await?;
    let mut victims = Vec::new();
    for product in 2..4 {
        let pay = move |_| {
            format!("UPDATE inventory SET reserved = reserved + 1 WHERE product_id = {product}")
        };
        victims.push(work.repeat(server, App::Checkout, pay).await?);
    }
    hung(&mut root, &victims).await?;
    // MySQL looks for room once a minute; a killed statement looks at once.
    let waiting = victims.iter().chain([&culprit]);
    let kills = waiting.map(|id| format!("KILL {id}")).collect();
    work.undo_at_end(root, kills);
    Ok(Incident {
        truth: Truth {
            incident: "binlog_disk_full".to_owned(),
            culprit: Party::new(App::Batch, vec![culprit]),
            via: Vec::new(),
            victims: vec![Party::new(App::Checkout, victims)],
            object: folder.display().to_string(),
            statement: Some(statement),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

/// The folder of the binary log, which must be on a small disk of its own.
async fn folder(root: &mut Conn) -> Result<PathBuf> {
    let basename: Option<String> = root.query_first("SELECT @@log_bin_basename").await?;
    let basename = basename.context("the server writes no binary log")?;
    let folder = Path::new(&basename).parent().context("no folder")?;
    let disk = rustix::fs::statvfs(folder)?;
    let size = disk.f_blocks.saturating_mul(disk.f_frsize);
    ensure!(
        size <= MOST_BYTES,
        "the binary log is not on a small disk: start the server with --log-bin below a SmallDisk"
    );
    Ok(folder.to_owned())
}

/// Takes the disk's room but for a little.
fn fill(folder: &Path) -> Result<TempPath> {
    let mut filler = tempfile::NamedTempFile::new_in(folder)?;
    let disk = rustix::fs::statvfs(folder)?;
    let room = disk.f_bavail.saturating_mul(disk.f_frsize);
    let block = vec![0_u8; 4096];
    for _ in 0..room.saturating_sub(LEFT_BYTES) / block.len() as u64 {
        filler.write_all(&block)?;
    }
    Ok(filler.into_temp_path())
}

async fn hung(root: &mut Conn, ids: &[u32]) -> Result<()> {
    let words: Vec<String> = ids.iter().map(u32::to_string).collect();
    let query = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE command = 'Query' AND time >= {HUNG_S} AND id IN ({})",
        words.join(",")
    );
    watch::at_least(root, &query, ids.len() as u64, "hung commits").await
}
