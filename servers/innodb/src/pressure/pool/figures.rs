//! The buffer pool in figures. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::Flavour;

use crate::pressure::samples::{Pair, round};

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Size in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// Pages free, of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_ratio: Option<f64>,
    /// Modified pages, of all with data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dirty_ratio: Option<f64>,
    /// Page requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_s: Option<f64>,
    /// Pages read by requests that had to wait for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misses_per_s: Option<f64>,
    /// Those of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miss_ratio: Option<f64>,
    /// Pages read in advance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_ahead_per_s: Option<f64>,
    /// Of those, thrown out before anyone used them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_ahead_evicted_per_s: Option<f64>,
    /// All pages read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages_read_per_s: Option<f64>,
    /// Pages thrown out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evicted_per_s: Option<f64>,
    /// Seconds in which as many pages are read as the pool holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refill_s: Option<f64>,
    /// Waits for a free page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_page_waits_per_s: Option<f64>,
    /// How far resizing has come.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resizing: bool,
}

/// Reads the figures.
///
/// `Innodb_buffer_pool_reads` counts on MySQL the reads a request waited for, and on MariaDB (10.5
/// on) read-ahead as well.
pub fn figures(pair: &Pair) -> Figures {
    let read_ahead = sum(
        pair.per_s(&["innodb_buffer_pool_read_ahead"]),
        pair.per_s(&["innodb_buffer_pool_read_ahead_rnd"]),
    );
    let reads = pair.per_s(&["innodb_buffer_pool_reads"]);
    let (misses, pages_read) = match pair.server.flavour {
        Flavour::MySql => (reads, sum(reads, read_ahead)),
        Flavour::MariaDb => (
            reads.map(|reads| (reads - read_ahead.unwrap_or(0.0)).max(0.0)),
            reads,
        ),
    };
    let temporary = temporary_reads_per_s(pair);
    let (misses, pages_read) = (less(misses, temporary), less(pages_read, temporary));
    let requests = pair.per_s(&["innodb_buffer_pool_read_requests"]);
    let total = pair
        .now(&["innodb_buffer_pool_pages_total"])
        .filter(|total| *total > 0);
    let of_all = |pages: u64, all: u64| round(pages as f64 / all as f64);
    let data = pair
        .now(&["innodb_buffer_pool_pages_data"])
        .filter(|data| *data > 0);
    let dirty = pair.now(&["innodb_buffer_pool_pages_dirty"]);
    Figures {
        size_bytes: pair.setting("innodb_buffer_pool_size"),
        free_ratio: total
            .and_then(|total| Some(of_all(pair.now(&["innodb_buffer_pool_pages_free"])?, total))),
        dirty_ratio: data.and_then(|data| Some(of_all(dirty?, data))),
        requests_per_s: requests.map(round),
        misses_per_s: misses.map(round),
        miss_ratio: match (misses, requests) {
            (Some(misses), Some(requests)) if requests > 0.0 => Some(round(misses / requests)),
            _ => None,
        },
        read_ahead_per_s: read_ahead.map(round),
        read_ahead_evicted_per_s: pair
            .per_s(&["innodb_buffer_pool_read_ahead_evicted"])
            .map(round),
        pages_read_per_s: pages_read.map(round),
        evicted_per_s: evicted(pair, pages_read).map(round),
        refill_s: match (total, pages_read) {
            (Some(total), Some(read)) if read >= 1.0 => {
                Some((total as f64 / read * 10.0).ceil() / 10.0)
            }
            _ => None,
        },
        free_page_waits_per_s: pair.per_s(&["innodb_buffer_pool_wait_free"]).map(round),
        resizing: pair
            .after
            .status
            .text("innodb_buffer_pool_resize_status_code")
            .is_some_and(|code| code != "0"),
    }
}

/// Reads of temporary tablespaces: their tables spill, which is another matter.
fn temporary_reads_per_s(pair: &Pair) -> f64 {
    let window = pair.window_s.unwrap_or(f64::INFINITY);
    pair.file("innodb/innodb_temp_file")
        .map_or(0.0, |file| file.reads as f64 / window)
}

fn less(a: Option<f64>, b: f64) -> Option<f64> {
    Some((a? - b).max(0.0))
}

/// What came in and is not there: pages read and created, less what the pool has gained.
fn evicted(pair: &Pair, pages_read: Option<f64>) -> Option<f64> {
    const DATA: [&str; 1] = ["innodb_buffer_pool_pages_data"];
    let gained = (pair.now(&DATA)? as f64 - pair.then(&DATA)? as f64) / pair.window_s?;
    let created = pair.per_s(&["innodb_pages_created"]).unwrap_or(0.0);
    Some((pages_read? + created - gained).max(0.0))
}

fn sum(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? + b.unwrap_or(0.0))
}
