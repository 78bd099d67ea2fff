//! A list of documents is read with `*`, and with it the scans stored in each row.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of readers.
pub const CLIENTS: usize = 2;

/// Documents, each of 256 KiB.
const DOCUMENTS: u64 = 32;
const FOLDERS: u64 = 4;
const EVERY: Duration = Duration::from_millis(100);

/// Makes the documents.
async fn store(server: &MySqlServer) -> Result<()> {
    let mut root = server.root().await?;
    root.query_drop(
        "CREATE TABLE IF NOT EXISTS shop.documents (\
           id BIGINT UNSIGNED NOT NULL PRIMARY KEY, \
           folder INT NOT NULL, \
           title VARCHAR(80) NOT NULL, \
           scan MEDIUMBLOB NOT NULL, \
           KEY documents_folder (folder)\
         ) ENGINE=InnoDB",
    )
    .await?;
    let one = "REPLACE INTO shop.documents VALUES (?, ?, 'invoice', REPEAT('x', 262144))";
    for document in 0..DOCUMENTS {
        root.exec_drop(one, (document, document % FOLDERS)).await?;
    }
    root.disconnect().await?;
    Ok(())
}

/// Causes the incident with so many readers.
pub async fn start(server: &MySqlServer, clients: usize) -> Result<Incident> {
    store(server).await?;
    let mut work = Work::default();
    let mut ids = Vec::new();
    for _ in 0..clients {
        let id = work
            .repeat_every(server, App::Reporting, EVERY, read)
            .await?;
        ids.push(id);
    }
    Ok(Incident {
        truth: Truth {
            incident: "blob_reads".to_owned(),
            culprit: Party::new(App::Reporting, ids),
            via: Vec::new(),
            victims: Vec::new(),
            object: "shop.documents".to_owned(),
            statement: Some(read(1)),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

fn read(number: u64) -> String {
    let folder = number % FOLDERS;
    App::Reporting.comment(
        &format!("SELECT * FROM documents WHERE folder = {folder}"),
        "reports/documents",
        number,
    )
}
