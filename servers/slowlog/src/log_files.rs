//! Which log files there are, what the server's settings say about them, and what does not fit. Pure.

pub mod findings;
mod settings;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use storex_sources::{Flavour, LogFile, LogListing};

pub use settings::{SettingRow, Settings};

/// What is known of an instance's logs.
#[derive(Debug, Default)]
pub struct Known {
    /// Files of the slow log, where they could be listed.
    pub slow: Option<LogListing>,
    /// Files of the error log.
    pub error: Option<LogListing>,
    /// Whether the files are named by paths of the inventory: a cloud's store has names of its own.
    pub by_path: bool,
    /// What the server says, where it could be asked.
    pub server: Option<Asked>,
    /// Minutes from UTC of times the log says no zone of, as the inventory says.
    pub zone_min: Option<i64>,
}

/// What the server says.
#[derive(Debug)]
pub struct Asked {
    /// Its family.
    pub flavour: Flavour,
    /// Whether its settings are a provider's to change.
    pub managed: bool,
    /// Settings about logs.
    pub settings: Settings,
    /// Since when it runs.
    pub started_at: Option<Timestamp>,
    /// Statements that took longer than `long_query_time` since then.
    pub slow_queries: Option<u64>,
    /// Minutes from UTC of its host's clock.
    pub zone_min: Option<i64>,
}

/// When the newest entry was written, as far as that is known.
pub fn last_written(listing: &LogListing) -> Option<Timestamp> {
    let last = |file: &LogFile| file.covered.last.max(file.modified_at);
    listing.files.iter().filter_map(last).max()
}

/// The times all files cover together.
pub fn covered(listing: &LogListing) -> (Option<Timestamp>, Option<Timestamp>) {
    let first = listing.files.iter().filter_map(|file| file.covered.first);
    (first.min(), last_written(listing))
}

/// The bytes of all files, as they are stored.
pub fn size_bytes(listing: &LogListing) -> u64 {
    let sizes = listing.files.iter().filter_map(|file| file.size_bytes);
    sizes.sum()
}
