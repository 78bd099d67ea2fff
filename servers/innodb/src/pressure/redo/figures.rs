//! The redo log in figures: its limits in this version, how long it lasts, how large it should be.
//! Pure.

use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::{Flavour, Version};

use crate::pressure::samples::{Pair, round};

/// Redo for one hour of writes (Percona, "How to calculate a good InnoDB log file size"; MySQL
/// Reference Manual, "Optimizing InnoDB Redo Logging": large enough that checkpoint activity is not
/// forced).
const ADVISED_MS: u128 = 3_600_000;
/// Both servers start forced flushing at about this share of the capacity, where they do not say.
const ASYNC_SHARE: (u64, u64) = (3, 4);
/// The redo written so far, by the names of the versions; the last counts padding of blocks as well.
const LSN: [&str; 4] = [
    "innodb_redo_log_current_lsn",
    "innodb_lsn_current",
    "log_lsn_current",
    "innodb_os_log_written",
];

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Size of the log in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_bytes: Option<u64>,
    /// Redo not yet checkpointed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_age_bytes: Option<u64>,
    /// From here on flushing is forced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub async_limit_bytes: Option<u64>,
    /// From here on writers wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_limit_bytes: Option<u64>,
    /// Redo written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_bytes_per_s: Option<f64>,
    /// How long the capacity lasts at that rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts_minutes: Option<f64>,
    /// Capacity for an hour of writes at that rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advised_bytes: Option<u64>,
    /// Waits because the log buffer was full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_buffer_waits_per_s: Option<f64>,
    /// Pages flushed by force to free redo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_flushed_pages_per_s: Option<f64>,
    /// Waits for room in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space_waits_per_s: Option<f64>,
    /// Warnings of the last ten minutes that it is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_warnings: Option<u64>,
}

impl Figures {
    /// Whether a larger log would not help: [`Self::advised_bytes`] are there.
    pub fn is_as_large_as_advised(&self) -> bool {
        self.capacity_bytes
            .zip(self.advised_bytes)
            .is_some_and(|(capacity, advised)| capacity >= advised)
    }
}

/// Reads the figures; none on Aurora, which has no redo log of its own.
pub fn figures(pair: &Pair) -> Figures {
    if pair.is_aurora() {
        return Figures::default();
    }
    let log = pair.once.monitor.redo_log.as_ref();
    let capacity = capacity(pair);
    let now =
        age(&|names| pair.now(names)).or_else(|| log.and_then(|log| log.checkpoint_age_bytes));
    // It swings where flushing is forced: the higher of the two samples tells.
    let age = now.max(age(&|names| pair.then(names)));
    let async_limit = pair
        .now(&["log_max_modified_age_async"])
        .or_else(|| capacity.map(|capacity| capacity / ASYNC_SHARE.1 * ASYNC_SHARE.0));
    let sync_limit = pair
        .now(&["log_max_modified_age_sync", "innodb_checkpoint_max_age"])
        .or_else(|| log.and_then(|log| log.max_checkpoint_age_bytes));
    let rate = pair.per_s(&LSN);
    let writes = rate.filter(|rate| *rate > 0.0);
    let warnings: u64 = pair.once.warnings.iter().map(|row| row.warnings).sum();
    Figures {
        capacity_bytes: capacity,
        checkpoint_age_bytes: age,
        async_limit_bytes: async_limit,
        sync_limit_bytes: sync_limit,
        written_bytes_per_s: rate.map(f64::round),
        lasts_minutes: writes
            .zip(capacity)
            .map(|(rate, capacity)| round(capacity as f64 / rate / 60.0)),
        advised_bytes: writes.and_then(|_| advised(pair)),
        log_buffer_waits_per_s: pair.per_s(&["innodb_log_waits"]).map(round),
        sync_flushed_pages_per_s: pair.per_s(&["buffer_flush_sync_total_pages"]).map(round),
        space_waits_per_s: pair
            .per_s(&["log_on_file_space_waits", "log_writer_on_file_space_waits"])
            .map(round),
        full_warnings: Some(warnings).filter(|warnings| *warnings > 0),
    }
}

fn age(read: &dyn Fn(&[&str]) -> Option<u64>) -> Option<u64> {
    let by_lsn = || {
        let checkpoint = read(&["innodb_redo_log_checkpoint_lsn"])?;
        read(&["innodb_redo_log_current_lsn"])?.checked_sub(checkpoint)
    };
    read(&["innodb_checkpoint_age"])
        .or_else(by_lsn)
        .or_else(|| read(&["log_lsn_checkpoint_age"]))
}

/// What is in force: since MySQL 8.0.30 one setting, whose change takes a while to come into force;
/// before that files of equal size; one file on MariaDB.
fn capacity(pair: &Pair) -> Option<u64> {
    let files = |pair: &Pair| {
        let size = pair.setting("innodb_log_file_size")?;
        Some(size * pair.setting("innodb_log_files_in_group").unwrap_or(1))
    };
    let single_setting = Version {
        major: 8,
        minor: 0,
        patch: 30,
    };
    if pair.server.flavour == Flavour::MySql && pair.server.version >= single_setting {
        return pair
            .now(&["innodb_redo_log_capacity_resized"])
            .filter(|bytes| *bytes > 0)
            .or_else(|| pair.setting("innodb_redo_log_capacity"));
    }
    files(pair)
}

/// An hour of writes, but no more than the buffer pool or one GiB: a log that holds more than the pool
/// can have modified saves few page writes. Rounded up to a power of two of MiB below one GiB and to
/// whole GiB above.
fn advised(pair: &Pair) -> Option<u64> {
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    let gap = std::time::Duration::try_from_secs_f64(pair.window_s?).ok()?;
    let hour = u128::from(pair.delta(&LSN)?) * ADVISED_MS / gap.as_millis().max(1);
    let most = pair
        .setting("innodb_buffer_pool_size")
        .unwrap_or(GIB)
        .max(GIB);
    let mib = u64::try_from(hour)
        .unwrap_or(most)
        .min(most)
        .div_ceil(MIB)
        .max(64);
    let mib = if mib <= 1_024 {
        mib.next_power_of_two()
    } else {
        mib.div_ceil(1_024) * 1_024
    };
    Some(mib * MIB)
}
