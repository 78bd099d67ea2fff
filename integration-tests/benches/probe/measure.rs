//! A server process and its figures.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::client::Transport;

const WARM_UP: usize = 500;
const CALLS: usize = 4_000;
/// The unit of `/proc/<pid>/stat` on every Linux we know (`getconf CLK_TCK`).
const TICKS_PER_S: f64 = 100.0;

/// What was measured.
pub(crate) struct Figures {
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub(crate) cpu_us: f64,
    pub(crate) start_ms: f64,
    pub(crate) rss_mb: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            p50_ms,
            p99_ms,
            cpu_us,
            start_ms,
            rss_mb,
        } = self;
        write!(
            f,
            "{p50_ms:>9.3} {p99_ms:>9.3} {cpu_us:>12.0} {start_ms:>10.1} {rss_mb:>8.1}"
        )
    }
}

/// A server under measurement; ended when dropped.
pub(crate) struct Child {
    pub(crate) process: std::process::Child,
    pub(crate) spawned: Instant,
}

impl Child {
    /// Starts this very program with other words.
    pub(crate) fn spawn(words: &[&str]) -> Result<Self> {
        let spawned = Instant::now();
        let process = Command::new(std::env::current_exe()?)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context("failed to start the server")?;
        Ok(Self { process, spawned })
    }

    fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let after_name = stat.rsplit_once(')').context("unknown stat")?.1;
        let ticks: f64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<f64>().unwrap_or(0.0))
            .sum();
        Ok(Duration::from_secs_f64(ticks / TICKS_PER_S))
    }

    fn rss_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .context("unknown status")?;
        let kb: f64 = line
            .split_whitespace()
            .nth(1)
            .context("unknown status")?
            .parse()?;
        Ok(kb / 1024.0)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// Calls `tool` until the figures are steady.
pub(crate) fn measure(
    child: &mut Child,
    transport: &mut dyn Transport,
    tool: &str,
) -> Result<Figures> {
    transport.call(tool)?;
    let start_ms = child.spawned.elapsed().as_secs_f64() * 1e3;
    for _ in 0..WARM_UP {
        transport.call(tool)?;
    }
    let before = child.cpu()?;
    let mut times: Vec<Duration> = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        transport.call(tool)?;
        times.push(began.elapsed());
    }
    let cpu_us = child.cpu()?.saturating_sub(before).as_secs_f64() * 1e6 / CALLS as f64;
    let (p50_ms, p99_ms) = percentiles(&mut times);
    Ok(Figures {
        p50_ms,
        p99_ms,
        cpu_us,
        start_ms,
        rss_mb: child.rss_mb()?,
    })
}

/// The median and the 99th percentile, in milliseconds.
pub(crate) fn percentiles(took: &mut [Duration]) -> (f64, f64) {
    took.sort_unstable();
    let at = |share: usize| {
        took.get(took.len() * share / 100)
            .map_or(0.0, |t| t.as_secs_f64() * 1e3)
    };
    (at(50), at(99))
}
