//! What commits cost: how many there are, how many share a synchronisation, and who makes each row a
//! transaction. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity};

use super::culprit::{Blame, Measure};
use super::io;
use super::rows::FileRow;
use super::samples::{Pair, round};
use super::work::{Who, Work};

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
    /// Sessions in commit at the second sample
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
    let per_s = |count: u64| window.map(|window| round(count as f64 / window));
    let each = |file: &FileRow| {
        (file.misc > 0).then(|| round(file.misc_ps as f64 / 1e9 / file.misc as f64))
    };
    let busy = |file: &FileRow| window.map(|window| file.misc_ps as f64 / PICOSECONDS / window);
    let commits = pair
        .per_s(&["binlog_commits", "binlog_cache_use"])
        .filter(|_| logs(pair))
        .or_else(|| pair.per_s(&["trx_rw_commits"]))
        .or_else(|| by_statements(pair));
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
            .and_then(|file| per_s(file.misc))
            .or_else(|| pair.per_s(&["innodb_os_log_fsyncs"]).map(round)),
        ms_per_redo_sync: redo.as_ref().and_then(each),
        binlog_syncs_per_s: syncs_binlog.and_then(per_s),
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

fn logs(pair: &Pair) -> bool {
    pair.once.settings.is_on("log_bin") == Some(true)
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

/// Sessions in commit at the second sample, by who they are.
fn committing(pair: &Pair) -> Vec<(Who, Vec<u64>)> {
    let mut all: Vec<(Who, Vec<u64>)> = Vec::new();
    let in_commit = |state: Option<&str>| {
        let state = state.unwrap_or_default().to_lowercase();
        state == "commit"
            || state == "commit implicit"
            || state.contains("waiting for handler commit")
    };
    let mut add = |who: Who, id: u64| {
        let same = |known: &&mut (Who, Vec<u64>)| {
            known.0.user == who.user && known.0.program == who.program
        };
        match all.iter_mut().find(same) {
            Some((_, ids)) if ids.contains(&id) => {}
            Some((_, ids)) => ids.push(id),
            None => all.push((who, vec![id])),
        }
    };
    for row in pair
        .after
        .current
        .iter()
        .filter(|row| row.running && !row.own)
    {
        if in_commit(row.state.as_deref()) {
            let who = Who {
                user: row.user.clone(),
                host: row.host.clone(),
                program: row.program.clone(),
                connections: Vec::new(),
            };
            add(who, row.id);
        }
    }
    for row in &pair.after.processes {
        if in_commit(row.state.as_deref()) {
            let host = row.host.as_deref().unwrap_or_default();
            let who = Who {
                user: row.user.clone(),
                host: Some(
                    host.rsplit_once(':')
                        .map_or(host, |(name, _)| name)
                        .to_owned(),
                ),
                ..Who::default()
            };
            add(who, row.id);
        }
    }
    all.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    all
}

/// Commits that burden the server.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    tiny(pair, &figures(pair)).into_iter().collect()
}

/// Many tiny transactions, on a disk that synchronises as quickly as disks do.
fn tiny(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let commits = figures
        .commits_per_s
        .filter(|commits| *commits >= COMMITS_PER_S)?;
    let durable = figures.flush_log_at_commit == Some(1) || figures.sync_binlog == Some(1);
    let busy = figures.sync_busy_ratio.unwrap_or(0.0);
    if !durable || (busy < SYNC_BUSY && figures.committing < COMMITTING) || is_slow(pair) {
        return None;
    }
    let blame = culprit(pair, commits);
    let few = figures.rows_per_commit.is_none_or(|rows| rows <= FEW_ROWS);
    let by = blame
        .as_ref()
        .map_or_else(String::new, |blame| format!(": {}", blame.phrase()));
    let each = match (&blame, few) {
        (Some(blame), _) if rows_per_run(blame) <= FEW_ROWS => {
            ", each row a transaction of its own"
        }
        (_, true) => ", most of one row or two",
        _ => "",
    };
    let confidence = if blame.is_some() {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let mut finding = Finding::new(
        if few {
            "tiny_transactions"
        } else {
            "commits_wait_for_disk"
        },
        Severity::Warning,
        confidence,
        format!(
            "{commits:.0} commits a second{each}{}{}{by}",
            synced(figures),
            settings(figures),
        ),
    )
    .against(
        "commits",
        commits,
        COMMITS_PER_S,
        "per_s",
        "status Binlog_cache_use or Binlog_commits",
    );
    if figures.sync_busy_ratio.is_some() {
        let from = "difference of two file_summary_by_event_name";
        finding = finding.against("sync_busy_ratio", busy, SYNC_BUSY, "", from);
    }
    finding = finding.against(
        "committing",
        figures.committing,
        COMMITTING,
        "sessions",
        "session states",
    );
    finding = with_costs(finding, figures);
    finding = match &blame {
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

/// A slow disk is the cause then, and told by itself.
fn is_slow(pair: &Pair) -> bool {
    io::findings(pair).iter().any(|finding| {
        finding
            .evidence
            .iter()
            .any(|evidence| evidence.what == "ms_per_sync")
    })
}

/// The statement that writes most often, if its runs make up most commits; or else who is seen in
/// commit.
fn culprit(pair: &Pair, commits: f64) -> Option<Blame> {
    let all = commits * pair.window_s?;
    let writer = pair
        .culprits
        .works
        .iter()
        .filter(|work| writes(work))
        .max_by_key(|work| work.runs)
        .filter(|work| work.runs as f64 >= DRIVES * all);
    let (who, seen) = committing(pair)
        .into_iter()
        .map(|(who, ids)| (who, ids.len()))
        .next()
        .unzip();
    if let Some(work) = writer {
        return Some(Blame {
            share: (work.runs as f64 / all).min(1.0),
            measure: Measure::Commits,
            amount: work.runs as f64,
            who: work.who.first().cloned().or(who),
            work: Some(work.clone()),
        });
    }
    let all: usize = committing(pair).iter().map(|(_, ids)| ids.len()).sum();
    let share = seen? as f64 / all.max(1) as f64;
    (share >= DRIVES && all >= COMMITTING).then(|| Blame {
        share,
        measure: Measure::SessionsInCommit,
        amount: seen.unwrap_or(0) as f64,
        work: None,
        who,
    })
}

fn writes(work: &Work) -> bool {
    let word: String = work
        .shape
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    matches!(
        word.to_ascii_uppercase().as_str(),
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE"
    )
}

fn rows_per_run(blame: &Blame) -> f64 {
    blame.work.as_ref().map_or(f64::INFINITY, |work| {
        work.rows_affected as f64 / (work.runs + work.running).max(1) as f64
    })
}

/// `, synchronised 462 times (0.96 ms each, 4.2 commits share one), which takes 44 % of the time`.
fn synced(figures: &Figures) -> String {
    let (rate, each) = match (figures.binlog_syncs_per_s, figures.redo_syncs_per_s) {
        (Some(binlog), redo) if binlog >= redo.unwrap_or(0.0) / 2.0 => {
            (binlog, figures.ms_per_binlog_sync)
        }
        (_, Some(redo)) => (redo, figures.ms_per_redo_sync),
        (Some(binlog), None) => (binlog, figures.ms_per_binlog_sync),
        (None, None) => return String::new(),
    };
    let each = each.map_or_else(String::new, |ms| format!(" of {ms} ms each"));
    let busy = figures.sync_busy_ratio.map_or_else(String::new, |busy| {
        format!(", {:.0} % of the time", busy * 100.0)
    });
    format!("; {rate:.0} disk synchronisations a second{each}{busy}")
}

fn settings(figures: &Figures) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(flush) = figures.flush_log_at_commit {
        parts.push(format!("innodb_flush_log_at_trx_commit = {flush}"));
    }
    if let Some(sync) = figures.sync_binlog {
        parts.push(format!("sync_binlog = {sync}"));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

fn with_costs(mut finding: Finding, figures: &Figures) -> Finding {
    let from = "difference of two samples";
    if let Some(rows) = figures.rows_per_commit {
        finding = finding.against("rows_per_commit", rows, FEW_ROWS, "rows", from);
    }
    if let Some(group) = figures.commits_per_group {
        finding = finding.evidence("commits_per_group", group, "commits", from);
    }
    if let Some(ms) = figures.ms_per_redo_sync {
        finding = finding.evidence("ms_per_redo_sync", ms, "ms", from);
    }
    if let Some(ms) = figures.ms_per_binlog_sync {
        finding = finding.evidence("ms_per_binlog_sync", ms, "ms", from);
    }
    finding
}
