//! sysbench, and how much it gets done.

use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use storex_integration_tests::process;
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
    server: u32,
    /// Processor time of the server when it was last forgotten.
    cpu_before: Duration,
}

/// What was done in some seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// Transactions a second.
    pub(crate) per_s: f64,
    /// Processor time of the server for each of them: it does not depend on who else uses the machine,
    /// and what we ask of the server is in it.
    pub(crate) cpu_ms: f64,
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
        // It is ended when nobody needs it any more: segments wait for the last answer.
        let time_s = (2 * (time + WARM_UP)).as_secs();
        let mut sysbench_process = command(&[
            format!("--threads={threads}"),
            format!("--time={time_s}"),
            "--report-interval=1".to_owned(),
            "run".to_owned(),
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
        let output = sysbench_process
            .stdout
            .take()
            .context("no standard output")?;
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
            _process: sysbench_process,
            seconds,
            server: server.process_id().unsigned_abs(),
            cpu_before: Duration::ZERO,
        })
    }

    /// Begins another measurement.
    pub(crate) fn forget(&mut self) -> Result<()> {
        self.seconds().clear();
        self.cpu_before = process::cpu(self.server)?;
        Ok(())
    }

    /// What was done since then.
    pub(crate) fn segment(&self) -> Result<Segment> {
        let used = process::cpu(self.server)?.saturating_sub(self.cpu_before);
        let seconds = self.seconds();
        let transactions: f64 = seconds.iter().sum();
        Ok(Segment {
            per_s: median(seconds.iter().copied()),
            cpu_ms: used.as_secs_f64() * 1e3 / transactions.max(1.0),
        })
    }

    fn seconds(&self) -> MutexGuard<'_, Vec<f64>> {
        self.seconds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `[ 3s ] thds: 4 tps: 512.98 qps: ...`
fn transactions(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once(" tps: ")?;
    rest.split_whitespace().next()?.parse().ok()
}
