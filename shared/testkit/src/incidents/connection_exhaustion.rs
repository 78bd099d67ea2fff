//! The mobile application opens connections it does not use until the server lets nobody in.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use tokio::time::sleep;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;

const TOO_MANY_CONNECTIONS: u16 = 1040;
/// More would need more file descriptors than a test process has.
const MOST: u64 = 500;
/// The server frees the place of a connection a moment after it was closed, so one refusal proves
/// nothing.
const REFUSALS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

/// Causes the incident. Start the server with a small `max_connections`.
pub async fn start(server: &MySqlServer) -> Result<Incident> {
    let limit = limit(server).await?;
    let statement = App::Mobile.comment("SELECT 1", "/v2/ping", 1);
    let mut idle = Vec::new();
    let mut refusals = 0;
    while refusals < REFUSALS {
        let Some(mut conn) = connect(server).await? else {
            refusals += 1;
            sleep(PAUSE).await;
            continue;
        };
        refusals = 0;
        conn.query_drop(&statement).await?;
        idle.push(conn);
        ensure!(
            idle.len() as u64 <= limit,
            "the server lets in more than max_connections"
        );
    }
    let ids: Vec<u32> = idle.iter().map(Conn::id).collect();
    let mut root = server.root_over_admin_port().await?;
    watch::sleeping(&mut root, &ids).await?;
    root.disconnect().await?;
    Ok(Incident {
        truth: Truth {
            incident: "connection_exhaustion".to_owned(),
            culprit: Party::new(App::Mobile, ids),
            via: Vec::new(),
            victims: vec![Party::new(App::Checkout, Vec::new())],
            object: "max_connections".to_owned(),
            statement: Some(statement),
        },
        holders: idle,
        waiters: Waiters::default(),
        traffic: None,
        work: Work::default(),
    })
}

async fn limit(server: &MySqlServer) -> Result<u64> {
    // MySQL counts a connection on the admin port too, although it always lets it in. Held, it
    // would leave a free place when it goes.
    let mut root = server.root_over_admin_port().await?;
    let limit: u64 = root
        .query_first("SELECT @@GLOBAL.max_connections")
        .await?
        .context("the server has no max_connections")?;
    root.disconnect().await?;
    ensure!(
        limit <= MOST,
        "max_connections is {limit}: start the server with at most {MOST}"
    );
    Ok(limit)
}

/// One more connection, or none when the server refuses because it has too many.
async fn connect(server: &MySqlServer) -> Result<Option<Conn>> {
    match App::Mobile.connect(server).await {
        Ok(conn) => Ok(Some(conn)),
        Err(error) => match error.downcast_ref::<Error>() {
            Some(Error::Server(refusal)) if refusal.code == TOO_MANY_CONNECTIONS => Ok(None),
            _ => Err(error),
        },
    }
}
