//! Two samples of a server and the differences between them. Pure.
//!
//! A counter that is missing in one sample, or went backwards (a restart, a reset), gives no figure.

use jiff::Timestamp;
use storex_sources::{Server, Vendor};
use storex_tool::Untrusted;

use super::culprit::Culprits;
use super::limits::{Counted, Seen};
use super::rows::{
    CurrentRow, DigestRow, DigestTextRow, FileRow, OriginRow, ProcessRow, SynchRow, ThreadReadsRow,
    UserStatementsRow, UserStatisticsRow, WarningRow,
};
use crate::monitor::Monitor;
use crate::open::{Open, Purge};
use crate::variables::Variables;

/// The server at one moment.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// When its counters were read.
    pub read_at: Timestamp,
    /// `SHOW GLOBAL STATUS`.
    pub status: Variables,
    /// The enabled counters of `innodb_metrics`.
    pub metrics: Variables,
    /// File I/O by kind of file.
    pub files: Vec<FileRow>,
    /// Statements by digest.
    pub digests: Vec<DigestRow>,
    /// What each session runs or ran last.
    pub current: Vec<CurrentRow>,
    /// Running statements by the process list.
    pub processes: Vec<ProcessRow>,
    /// Statements by user.
    pub users: Vec<UserStatementsRow>,
    /// MariaDB's user statistics.
    pub user_statistics: Vec<UserStatisticsRow>,
    /// How often sessions went to data files.
    pub thread_reads: Vec<ThreadReadsRow>,
    /// Waits for latches.
    pub synch: Vec<SynchRow>,
    /// Errors given and memory of temporary tables.
    pub counted: Counted,
}

/// What is read once, with the second sample.
#[derive(Debug, Clone, Default)]
pub struct Once {
    /// Settings.
    pub settings: Variables,
    /// Those changed at run time or persisted.
    pub origins: Vec<OriginRow>,
    /// Texts of digests that ran lately.
    pub texts: Vec<DigestTextRow>,
    /// The error log's warnings about redo.
    pub warnings: Vec<WarningRow>,
    /// The monitor.
    pub monitor: Monitor,
    /// Open transactions, oldest first.
    pub open: Vec<Open>,
    /// What holds purge.
    pub purge: Purge,
    /// What tells that a limit is hit.
    pub seen: Seen,
}

/// Two samples, and what was read once.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The instance's name, for calls to other tools.
    pub instance: String,
    /// What kind of server it is.
    pub server: Server,
    /// Seconds between the samples; none where there is only one.
    pub window_s: Option<f64>,
    /// The first sample.
    pub before: Sample,
    /// The second.
    pub after: Sample,
    /// What was read once.
    pub once: Once,
    /// Who did what between them.
    pub culprits: Culprits,
}

impl Pair {
    /// Joins two samples; `before` is none where only one could be had.
    pub fn of(
        instance: &str,
        server: &Server,
        before: Option<Sample>,
        after: Sample,
        once: Once,
    ) -> Self {
        let window_s = before
            .as_ref()
            .map(|before| after.read_at.duration_since(before.read_at).as_secs_f64())
            .filter(|window| *window > 0.0);
        let before = before.unwrap_or_default();
        let culprits = Culprits::between(&before, &after, &once.texts, window_s);
        Self {
            instance: instance.to_owned(),
            server: server.clone(),
            window_s,
            before,
            after,
            once,
            culprits,
        }
    }

    /// Whether this is Aurora, whose storage has no redo log, checkpoint, doublewrite or page flushing.
    pub fn is_aurora(&self) -> bool {
        self.server.vendor == Vendor::Aurora
    }

    /// The increase of the first of these counters that both samples have, by lower-case name.
    pub fn delta(&self, names: &[&str]) -> Option<u64> {
        self.window_s?;
        names.iter().find_map(|name| {
            let of = |sample: &Sample| sample.count(name);
            of(&self.after)?.checked_sub(of(&self.before)?)
        })
    }

    /// That increase a second.
    pub fn per_s(&self, names: &[&str]) -> Option<f64> {
        Some(self.delta(names)? as f64 / self.window_s?)
    }

    /// The first of these gauges the second sample has.
    pub fn now(&self, names: &[&str]) -> Option<u64> {
        names.iter().find_map(|name| self.after.count(name))
    }

    /// The first of these gauges the first sample has.
    pub fn then(&self, names: &[&str]) -> Option<u64> {
        self.window_s?;
        names.iter().find_map(|name| self.before.count(name))
    }

    /// A setting that is a whole number.
    pub fn setting(&self, name: &str) -> Option<u64> {
        self.once.settings.count(name)
    }

    /// A setting that may have a fraction.
    pub fn setting_ratio(&self, name: &str) -> Option<f64> {
        self.once.settings.text(name)?.parse().ok()
    }

    /// The I/O of one kind of file between the samples, by the end of its event name.
    pub fn file(&self, name: &str) -> Option<FileRow> {
        self.window_s?;
        let of = |sample: &Sample| {
            let mut rows = sample.files.iter();
            rows.find(|row| row.event_name.ends_with(name)).cloned()
        };
        let after = of(&self.after)?;
        // A kind of file that was not used before has all its I/O in the window.
        let before = match of(&self.before) {
            Some(before) => before,
            None if self.before.files.is_empty() => return None,
            None => FileRow::default(),
        };
        Some(FileRow {
            reads: after.reads.checked_sub(before.reads)?,
            read_ps: after.read_ps.checked_sub(before.read_ps)?,
            read_bytes: after.read_bytes.checked_sub(before.read_bytes)?,
            writes: after.writes.checked_sub(before.writes)?,
            write_ps: after.write_ps.checked_sub(before.write_ps)?,
            write_bytes: after.write_bytes.checked_sub(before.write_bytes)?,
            misc: after.misc.checked_sub(before.misc)?,
            misc_ps: after.misc_ps.checked_sub(before.misc_ps)?,
            event_name: after.event_name,
        })
    }

    /// How a setting came to its value when that was at run time: `set at run time 43 s ago by
    /// root@localhost`.
    pub fn changed_at_run_time(&self, name: &str) -> Option<String> {
        let mut origins = self.once.origins.iter();
        let origin = origins.find(|row| row.name == name && row.source == "DYNAMIC")?;
        let age = origin.set_age_s.filter(|age| *age >= 0);
        let age = age.map_or_else(String::new, |age| format!(" {} ago", age_text(age)));
        let user = origin.set_user.as_deref().map(Untrusted::name);
        let user = user.map_or_else(String::new, |user| format!(" by {user}"));
        let host = origin.set_host.as_deref().map(Untrusted::name);
        let host = host.map_or_else(String::new, |host| format!("@{host}"));
        Some(format!("set at run time{age}{user}{host}"))
    }
}

impl Sample {
    /// A status variable or else an enabled metric.
    fn count(&self, name: &str) -> Option<u64> {
        self.status.count(name).or_else(|| self.metrics.count(name))
    }
}

/// `24 MiB`.
pub fn bytes_text(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let unit = UNITS.get(unit).copied().unwrap_or_default();
    if value >= 10.0 || value.fract() < 0.05 {
        format!("{value:.0} {unit}")
    } else {
        format!("{value:.1} {unit}")
    }
}

/// `43 s`, `12 min`, `3 h`, `9 days`.
pub fn age_text(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A figure as it is shown: one digit behind the point, more for what is small.
pub fn round(figure: f64) -> f64 {
    if figure.abs() >= 1.0 {
        (figure * 10.0).round() / 10.0
    } else {
        (figure * 1_000.0).round() / 1_000.0
    }
}
