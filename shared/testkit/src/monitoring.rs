//! Metrics for tests: real stores (Prometheus, VictoriaMetrics) that scrape real exporters of real servers
//! every second, and a door before a store at which requests can be made to fail.

mod door;
mod exporter;
mod store;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::servers::Monitor;

pub use door::{Door, Fault, Seen};
pub use exporter::{Exporter, INNODB_METRICS};
pub use store::{Make, MetricsStore, Scrape};

/// A loaded machine starts a program in seconds; more than this is a hang.
const START_LIMIT: Duration = Duration::from_secs(60);
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// Waits until `path` is there.
async fn ready(monitor: &Monitor, address: SocketAddr, path: &str) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if get(address, path).await.is_ok() {
            return Ok(());
        }
        ensure!(
            !monitor.process.has_ended(),
            "a program for {path} ended while starting"
        );
        ensure!(Instant::now() < deadline, "nothing answers at {path}");
        sleep(POLL).await;
    }
}

/// The body of what is at `path`.
async fn get(address: SocketAddr, path: &str) -> Result<String> {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        anyhow::Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = timeout(ANSWER_LIMIT, asked)
        .await
        .context("no answer in time")??;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        bail!("an answer without an end of its head");
    };
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    ensure!(status == "200", "the answer is {status}");
    Ok(body.to_owned())
}
