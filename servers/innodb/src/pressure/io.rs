//! Latency per kind of file, as a difference of two samples: a slow disk. Pure.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity};

use super::rows::FileRow;
use super::samples::{Pair, round};

const RUNBOOK: &str = "innodb_pressure";
const PICOSECONDS_PER_MS: f64 = 1e9;
/// Clouds promise single-digit milliseconds for their database disks (Amazon EBS gp3, Azure Premium
/// SSD), and a spinning disk seeks in about ten.
const SLOW_READ_MS: f64 = 10.0;
/// A synchronisation takes two such writes: the data and the file system's journal.
const SLOW_SYNC_MS: f64 = 20.0;
/// Every commit waits for one or two of these.
const CRITICAL_SYNC_MS: f64 = 50.0;
/// A mean of fewer is chance.
const LEAST_OPERATIONS: u64 = 10;
/// Beyond this the disk may be busy rather than slow (EBS gp3's baseline: 3,000 operations and 125
/// MiB a second).
const BUSY_OPERATIONS_PER_S: f64 = 3_000.0;
const BUSY_BYTES_PER_S: f64 = 125.0 * 1_048_576.0;

/// Slow operations told at most.
const SHOWN: usize = 4;

/// Kinds of file and the ends of their event names.
const CLASSES: [(&str, &[&str]); 8] = [
    ("data", &["innodb/innodb_data_file"]),
    ("redo", &["innodb/innodb_log_file"]),
    ("binlog", &["sql/binlog", "sql/MYSQL_LOG"]),
    ("doublewrite", &["innodb/innodb_dblwr_file"]),
    ("temporary", &["innodb/innodb_temp_file"]),
    ("sort_and_binlog_cache", &["sql/io_cache"]),
    ("relay_log", &["sql/relaylog"]),
    ("aria", &["aria/MAD", "aria/MAI", "aria/translog"]),
];

/// What one kind of file did in the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Class {
    /// Reads
    pub reads_per_s: f64,
    /// Time of one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms_per_read: Option<f64>,
    /// Writes, into the file system's cache where it is used
    pub writes_per_s: f64,
    /// Time of one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms_per_write: Option<f64>,
    /// Synchronisations, with the few opens and closes counted among them
    pub syncs_per_s: f64,
    /// Time of one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms_per_sync: Option<f64>,
    /// Read and written
    pub bytes_per_s: f64,
}

/// Figures by kind of file; those without I/O are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// By kind
    #[serde(flatten)]
    pub classes: BTreeMap<&'static str, Class>,
    /// A kind that is not measured here
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_measured: Option<&'static str>,
}

/// Reads the figures.
pub fn figures(pair: &Pair) -> Figures {
    let mut figures = Figures::default();
    let Some(window) = pair.window_s else {
        return figures;
    };
    for (name, ends) in CLASSES {
        let all: Vec<FileRow> = ends.iter().filter_map(|end| pair.file(end)).collect();
        let sum = |of: fn(&FileRow) -> u64| all.iter().map(of).sum::<u64>();
        let each = |picoseconds: u64, count: u64| {
            (count >= LEAST_OPERATIONS)
                .then(|| fine(picoseconds as f64 / PICOSECONDS_PER_MS / count as f64))
        };
        let (reads, writes, syncs) = (sum(|f| f.reads), sum(|f| f.writes), sum(|f| f.misc));
        if reads + writes + syncs < LEAST_OPERATIONS {
            continue;
        }
        let class = Class {
            reads_per_s: round(reads as f64 / window),
            ms_per_read: each(sum(|f| f.read_ps), reads),
            writes_per_s: round(writes as f64 / window),
            ms_per_write: each(sum(|f| f.write_ps), writes),
            syncs_per_s: round(syncs as f64 / window),
            ms_per_sync: each(sum(|f| f.misc_ps), syncs),
            bytes_per_s: (sum(|f| f.read_bytes + f.write_bytes) as f64 / window).round(),
        };
        figures.classes.insert(name, class);
    }
    if pair.server.flavour == Flavour::MariaDb && !figures.classes.is_empty() {
        figures.not_measured = Some("redo: MariaDB does not instrument it");
    }
    figures
}

/// Milliseconds with three digits.
fn fine(ms: f64) -> f64 {
    (ms * 1_000.0).round() / 1_000.0
}

/// A disk that takes long for each operation.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    slow(&figures(pair)).into_iter().collect()
}

/// One slow operation: its kind of file, what it is, its time and how many of it.
struct Slow {
    class: &'static str,
    what: &'static str,
    ms: f64,
    limit: f64,
    per_s: f64,
}

fn slow(figures: &Figures) -> Option<Finding> {
    let all = slow_operations(figures);
    let worst = all.first()?;
    let (busy, load) = load(figures);
    let critical = all
        .iter()
        .any(|slow| slow.what == "sync" && slow.class != "data" && slow.ms >= CRITICAL_SYNC_MS);
    let list: Vec<String> = all
        .iter()
        .take(SHOWN)
        .map(|slow| format!("{:.0} ms per {} {}", slow.ms, slow.class, slow.what))
        .collect();
    let list = list.join(", ");
    let (id, confidence, asked) = if busy {
        let text = format!("it is asked for much ({load}), so it may be busy rather than slow");
        ("disk_saturated", Confidence::Possible, text)
    } else {
        let text = format!("although little is asked of it ({load})");
        ("slow_disk", Confidence::Likely, text)
    };
    let severity = if critical {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let statement = format!("the disk takes {list}: {asked}");
    let mut finding = Finding::new(id, severity, confidence, statement);
    for slow in all.iter().take(SHOWN) {
        let what = match slow.what {
            "read" => "ms_per_read",
            "write" => "ms_per_write",
            _ => "ms_per_sync",
        };
        let from = "difference of two file_summary_by_event_name";
        finding = finding
            .against(what, slow.ms, slow.limit, "ms", from)
            .evidence(slow.class, slow.per_s, "per_s", from);
    }
    let where_to_look = if worst.what == "sync" {
        "look at the volume: its latency metrics, throttled IOPS or burst credits, a failing disk, a \
         neighbour or backup on it"
    } else {
        "look at the volume (iostat, its metrics, IOPS limits), and at who reads or writes so much"
    };
    Some(finding.remedy(where_to_look, "safe", "none", RUNBOOK))
}

/// Operations that take too long, worst first.
fn slow_operations(figures: &Figures) -> Vec<Slow> {
    let mut all: Vec<Slow> = Vec::new();
    for (class, found) in &figures.classes {
        let reads = (found.ms_per_read, SLOW_READ_MS, found.reads_per_s);
        let writes = (found.ms_per_write, SLOW_READ_MS, found.writes_per_s);
        let syncs = (found.ms_per_sync, SLOW_SYNC_MS, found.syncs_per_s);
        for (what, (ms, limit, per_s)) in [("read", reads), ("write", writes), ("sync", syncs)] {
            // Reads of a sort's file or a binary log come from memory; those of pages do not.
            if what == "read" && !matches!(*class, "data" | "temporary") {
                continue;
            }
            if let Some(ms) = ms.filter(|ms| *ms >= limit) {
                all.push(Slow {
                    class,
                    what,
                    ms,
                    limit,
                    per_s,
                });
            }
        }
    }
    all.sort_by(|a, b| (b.ms / b.limit).total_cmp(&(a.ms / a.limit)));
    all
}

/// Whether the disk is asked for much, and for how much.
fn load(figures: &Figures) -> (bool, String) {
    let sum = |of: fn(&Class) -> f64| figures.classes.values().map(of).sum::<f64>();
    let operations = sum(|class| class.reads_per_s + class.writes_per_s + class.syncs_per_s);
    let bytes = sum(|class| class.bytes_per_s);
    let text = format!(
        "{operations:.0} operations and {:.1} MiB a second",
        bytes / 1_048_576.0
    );
    let busy = operations >= BUSY_OPERATIONS_PER_S || bytes >= BUSY_BYTES_PER_S;
    (busy, text)
}
