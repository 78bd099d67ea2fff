//! The most telling figures in one line. Pure.

use super::samples::{Pair, bytes_text};
use super::{flush, pool, purge, redo};

/// `pool 64 MiB missed by 0.1 % of requests, checkpoint age 12 % of its limit, history list length 20`.
pub fn line(pair: &Pair) -> String {
    let pool = pool::figures(pair);
    let redo = redo::figures(pair);
    let mut parts: Vec<String> = Vec::new();
    if let Some(size) = pool.size_bytes {
        let missed = pool.miss_ratio.map_or_else(String::new, |ratio| {
            format!(" missed by {:.1} % of requests", ratio * 100.0)
        });
        parts.push(format!("buffer pool {}{missed}", bytes_text(size as f64)));
    }
    if let Some(dirty) = flush::figures(pair).dirty_pct {
        parts.push(format!("{dirty:.0} % dirty"));
    }
    if let (Some(age), Some(limit)) = (redo.checkpoint_age_bytes, redo.async_limit_bytes) {
        let share = age as f64 / limit.max(1) as f64 * 100.0;
        parts.push(format!("checkpoint age {share:.0} % of its limit"));
    }
    if let Some(written) = redo.written_bytes_per_s {
        parts.push(format!("redo {}/s", bytes_text(written)));
    }
    if let Some(length) = purge::figures(pair).history_list_length {
        parts.push(format!("history list length {length}"));
    }
    if let Some(running) = pair.now(&["threads_running"]) {
        parts.push(format!("{running} sessions running"));
    }
    parts.join(", ")
}
