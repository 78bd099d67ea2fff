//! What a process costs the machine, as the kernel counts it.

use std::time::Duration;

use anyhow::{Context, Result};

/// The unit of `/proc/<pid>/stat` on every Linux we know (`getconf CLK_TCK`).
const TICKS_PER_S: f64 = 100.0;

/// The processor time of a process and all its threads since it began.
///
/// # Errors
/// When there is no such process.
pub fn cpu(process_id: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process_id}/stat"))?;
    let after_name = stat.rsplit_once(')').context("unknown stat")?.1;
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<f64>().unwrap_or(0.0))
        .sum();
    Ok(Duration::from_secs_f64(ticks / TICKS_PER_S))
}

/// Its memory, in MiB.
///
/// # Errors
/// When there is no such process.
pub fn rss_mb(process_id: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status"))?;
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
