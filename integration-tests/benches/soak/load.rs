//! sysbench, and how much it gets done.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use storex_testkit::MySqlServer;
use storex_testkit::servers::Sysbench;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::figures::median;

const SCHEMA: &str = "load_test";
const SCRIPT: [&str; 4] = [
    "oltp_read_write",
    "--tables=4",
    "--table-size=20000",
    "--rand-type=uniform",
];
/// The server's caches are full by then.
const WARM_UP: Duration = Duration::from_secs(10);

/// A running sysbench; ended when dropped.
pub(crate) struct Load {
    _process: Child,
    /// Transactions of each second since it was last forgotten.
    seconds: Arc<Mutex<Vec<f64>>>,
}

impl Load {
    /// Starts it for `time`, and returns when it has warmed up.
    pub(crate) async fn start(server: &MySqlServer, threads: u32, time: Duration) -> Result<Self> {
        let sysbench = tokio::task::spawn_blocking(Sysbench::get).await??;
        let mut root = server.root().await?;
        root.query_drop(format!("CREATE DATABASE {SCHEMA}")).await?;
        root.disconnect().await?;
        let command = |words: &[String]| {
            let words = SCRIPT
                .iter()
                .map(|word| (*word).to_owned())
                .chain(words.to_vec());
            Command::from(sysbench.command(server, SCHEMA, words))
        };
        let prepared = command(&["prepare".to_owned()]).output().await?;
        let complaint = String::from_utf8_lossy(&prepared.stdout);
        ensure!(prepared.status.success(), "sysbench failed: {complaint}");
        let time_s = (time + 2 * WARM_UP).as_secs();
        let mut process = command(&[
            format!("--threads={threads}"),
            format!("--time={time_s}"),
            "--report-interval=1".to_owned(),
            "run".to_owned(),
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
        let output = process.stdout.take().context("no standard output")?;
        let seconds = Arc::<Mutex<Vec<f64>>>::default();
        let kept = Arc::clone(&seconds);
        let mut lines = BufReader::new(output).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(transactions(&line));
            }
        });
        tokio::time::sleep(WARM_UP).await;
        Ok(Self {
            _process: process,
            seconds,
        })
    }

    /// Begins another measurement.
    pub(crate) fn forget(&self) {
        self.seconds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Transactions a second since then.
    pub(crate) fn per_s(&self) -> f64 {
        let seconds = self.seconds.lock().unwrap_or_else(PoisonError::into_inner);
        median(seconds.iter().copied())
    }
}

/// `[ 3s ] thds: 4 tps: 512.98 qps: ...`
fn transactions(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once(" tps: ")?;
    rest.split_whitespace().next()?.parse().ok()
}
