//! A server process and its figures.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use storex_integration_tests::process;

use crate::client::Transport;

const WARM_UP: usize = 500;
const CALLS: usize = 4_000;

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
    let before = process::cpu(child.process.id())?;
    let mut times: Vec<Duration> = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        transport.call(tool)?;
        times.push(began.elapsed());
    }
    let cpu_us = process::cpu(child.process.id())?
        .saturating_sub(before)
        .as_secs_f64()
        * 1e6
        / CALLS as f64;
    let (p50_ms, p99_ms) = percentiles(&mut times);
    Ok(Figures {
        p50_ms,
        p99_ms,
        cpu_us,
        start_ms,
        rss_mb: process::rss_mb(child.process.id())?,
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
