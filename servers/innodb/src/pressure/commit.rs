//! What commits cost: how many there are, how many share a synchronisation, and who makes each row a
//! transaction. Pure.

mod wording;
mod writer;

use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity};

use super::rows::FileRow;
use super::samples::{Pair, round};
use super::{io, stall};
use wording::{settings, synced, with_costs};
use writer::{committing, culprit, rows_per_run, writes};

const RUNBOOK: &str = "innodb_pressure";
const PICOSECONDS: f64 = 1e12;
/// Fewer commits a second are no burden on any disk made for databases.
const COMMITS_PER_S: f64 = 100.0;
/// Share of the time in which the redo or binary log is being synchronised: one commit group at a
/// time can be, so from here on commits queue (MySQL Reference Manual, "Binary Logging Options":
/// `sync_binlog` = 1 is the safest choice but can have a negative effect on performance).
const SYNC_BUSY: f64 = 0.25;
/// Sessions seen in commit at one moment: with commits that cost nothing hardly one is.
const COMMITTING: usize = 4;
/// The same where no file tells how busy the logs are: any two at once have met.
const COMMITTING_UNMEASURED: usize = 2;
/// A commit is one or two synchronisations, and those of a sound disk take milliseconds.
const SLOW_COMMIT_MS: f64 = 50.0;
/// A transaction of so few rows pays for its commit more than for its rows.
const FEW_ROWS: f64 = 2.0;
/// Whoever makes this share of all commits decides what commits cost.
const DRIVES: f64 = 0.5;

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Transactions committed that wrote
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits_per_s: Option<f64>,
    /// Rows changed by each
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_per_commit: Option<f64>,
    /// Synchronisations of the redo log
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redo_syncs_per_s: Option<f64>,
    /// Time of one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms_per_redo_sync: Option<f64>,
    /// Synchronisations of the binary log
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binlog_syncs_per_s: Option<f64>,
    /// Time of one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms_per_binlog_sync: Option<f64>,
    /// Share of the time one of these logs is being synchronised
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_busy_ratio: Option<f64>,
    /// Commits that share a synchronisation of the binary log
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits_per_group: Option<f64>,
    /// Sessions in commit at the sample that saw more
    pub committing: usize,
    /// `sync_binlog`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_binlog: Option<u64>,
    /// `innodb_flush_log_at_trx_commit`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flush_log_at_commit: Option<u64>,
}

/// Reads the figures.
///
/// Commits are counted where the binary log is on (`Binlog_commits`, `Binlog_cache_use`), else by
/// `InnoDB` where its metric is enabled, else by the statements that write.
pub fn figures(pair: &Pair) -> Figures {
    let window = pair.window_s;
    let redo = pair.file("innodb/innodb_log_file");
    let binlog = pair.file("sql/binlog").filter(|_| logs(pair));
    let rate = |count: u64| window.map(|window| round(count as f64 / window));
    let each = |file: &FileRow| {
        (file.misc > 0).then(|| round(file.misc_ps as f64 / 1e9 / file.misc as f64))
    };
    let busy = |file: &FileRow| window.map(|window| file.misc_ps as f64 / PICOSECONDS / window);
    let commits = per_s(pair);
    let rows = pair
        .delta(&["innodb_rows_inserted"])
        .and_then(|inserted| {
            Some(
                inserted
                    + pair.delta(&["innodb_rows_updated"])?
                    + pair.delta(&["innodb_rows_deleted"])?,
            )
        })
        .map(|rows| rows as f64);
    let syncs_binlog = binlog.as_ref().map(|file| file.misc);
    Figures {
        commits_per_s: commits.map(round),
        rows_per_commit: rows
            .zip(commits.filter(|commits| *commits > 0.0))
            .zip(window)
            .map(|((rows, commits), window)| round(rows / window / commits)),
        redo_syncs_per_s: redo
            .as_ref()
            .and_then(|file| rate(file.misc))
            .or_else(|| pair.per_s(&["innodb_os_log_fsyncs"]).map(round)),
        ms_per_redo_sync: redo.as_ref().and_then(each),
        binlog_syncs_per_s: syncs_binlog.and_then(rate),
        ms_per_binlog_sync: binlog.as_ref().and_then(each),
        sync_busy_ratio: [&redo, &binlog]
            .into_iter()
            .flatten()
            .filter_map(busy)
            .reduce(f64::max)
            .map(round),
        commits_per_group: group(pair, commits, syncs_binlog),
        committing: committing(pair).iter().map(|(_, ids)| ids.len()).sum(),
        sync_binlog: pair.setting("sync_binlog").filter(|_| logs(pair)),
        flush_log_at_commit: pair.setting("innodb_flush_log_at_trx_commit"),
    }
}

/// Transactions committed that wrote, a second.
pub(super) fn per_s(pair: &Pair) -> Option<f64> {
    counted(pair).or_else(|| by_statements(pair))
}

fn logs(pair: &Pair) -> bool {
    pair.once.settings.is_on("log_bin") == Some(true)
}

/// Commits, where the server counts them.
fn counted(pair: &Pair) -> Option<f64> {
    pair.per_s(&["binlog_commits", "binlog_cache_use"])
        .filter(|_| logs(pair))
        .or_else(|| pair.per_s(&["trx_rw_commits"]))
}

/// Statements that write, as commits, where each is its own transaction.
fn by_statements(pair: &Pair) -> Option<f64> {
    let writes = pair.culprits.works.iter().filter(|work| writes(work));
    let runs: u64 = writes.map(|work| work.runs).sum();
    Some(runs as f64 / pair.window_s?).filter(|rate| *rate > 0.0)
}

/// MariaDB counts its groups; elsewhere a group is one synchronisation of the binary log.
fn group(pair: &Pair, commits: Option<f64>, syncs: Option<u64>) -> Option<f64> {
    let groups = match pair.server.flavour {
        Flavour::MariaDb => pair.delta(&["binlog_group_commits"])?,
        Flavour::MySql => syncs?,
    };
    let commits = commits? * pair.window_s?;
    (groups > 0 && commits > 0.0).then(|| round(commits / groups as f64))
}

/// Commits that burden the server.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    let found = slow(pair, &figures).or_else(|| tiny(pair, &figures));
    found.into_iter().collect()
}

/// Many tiny transactions, on a disk that synchronises as quickly as disks do.
fn tiny(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let commits = figures
        .commits_per_s
        .filter(|commits| *commits >= COMMITS_PER_S)?;
    let durable = figures.flush_log_at_commit == Some(1) || figures.sync_binlog == Some(1);
    let queued = match figures.sync_busy_ratio {
        Some(busy) => busy >= SYNC_BUSY || figures.committing >= COMMITTING,
        None => figures.committing >= COMMITTING_UNMEASURED,
    };
    if !durable || !queued || is_slow(pair) {
        return None;
    }
    let blame = culprit(pair, commits);
    let few = figures.rows_per_commit.is_none_or(|rows| rows <= FEW_ROWS);
    let id = if few {
        "tiny_transactions"
    } else {
        "commits_wait_for_disk"
    };
    let (confidence, by) = match &blame {
        Some(blame) if counted(pair).is_some() => {
            (Confidence::Likely, format!(": {}", blame.phrase()))
        }
        Some(blame) => (Confidence::Possible, format!(": {}", blame.phrase())),
        None => (Confidence::Possible, String::new()),
    };
    let each = match &blame {
        Some(blame) if few && rows_per_run(blame) <= FEW_ROWS => {
            ", each row a transaction of its own"
        }
        _ if few => ", most of one row or two",
        _ => "",
    };
    let (synced, settings) = (synced(figures), settings(figures));
    let statement = format!("{commits:.0} commits a second{each}{synced}{settings}{by}");
    let from = "status Binlog_cache_use or Binlog_commits";
    let finding = Finding::new(id, Severity::Warning, confidence, statement).against(
        "commits",
        commits,
        COMMITS_PER_S,
        "per_s",
        from,
    );
    let finding = with_costs(finding, figures);
    let finding = match &blame {
        Some(blame) => blame.evidence(finding),
        None => finding,
    };
    Some(
        finding
            .remedy(
                "have the program write hundreds of rows per transaction (multi-row INSERT, or BEGIN ... \
                 COMMIT around them)",
                "safe: done in the application",
                "a failed batch is repeated as a whole",
                RUNBOOK,
            )
            .remedy(
                "only where losing the last second of commits in a crash is acceptable: \
                 innodb_flush_log_at_trx_commit = 2, sync_binlog = 100 or more",
                "dynamic, and can be set back; a crash of the machine loses commits, and replicas may \
                 then be ahead",
                "durability",
                RUNBOOK,
            ),
    )
}

/// Commits that take long where no file tells it, as with MariaDB's redo log: by Little's law a commit
/// takes as long as the sessions in commit divided by the commits a second.
fn slow(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let commits = figures.commits_per_s.filter(|commits| *commits > 0.0)?;
    let each_ms = figures.committing as f64 / commits * 1_000.0;
    let hung = !stall::findings(pair).is_empty();
    if figures.committing < COMMITTING || each_ms < SLOW_COMMIT_MS || hung || is_slow(pair) {
        return None;
    }
    let from = "session states and commits a second";
    let finding = Finding::new(
        "commits_slow",
        Severity::Warning,
        Confidence::Possible,
        format!(
            "a commit takes about {each_ms:.0} ms: {} sessions are in commit, and only {commits:.0} commits \
             a second get through{}; the disk of the redo or binary log is slow, or locks hold them",
            figures.committing,
            settings(figures),
        ),
    )
    .against("ms_per_commit", round(each_ms), SLOW_COMMIT_MS, "ms", from);
    Some(with_costs(finding, figures).remedy(
        "look at the volume of the redo and binary log: latency metrics, throttled IOPS, a backup on it",
        "safe",
        "none",
        RUNBOOK,
    ))
}

/// A slow disk is the cause then, and told by itself.
fn is_slow(pair: &Pair) -> bool {
    io::findings(pair).iter().any(|finding| {
        finding
            .evidence
            .iter()
            .any(|evidence| evidence.what == "ms_per_sync")
    })
}
