//! Purge: how much history it has to remove, whether that grows, and whether a read view or the
//! writers themselves keep it behind. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use storex_tool::{Confidence, Finding, Severity};

use super::commit;
use super::culprit::Measure;
use super::samples::{Pair, round};
use crate::open;

const RUNBOOK: &str = "innodb_pressure";
/// Without an old read view purge follows within moments (MySQL Reference Manual, "Purge
/// Configuration"); a list this long that still grows is not followed.
const BEHIND: u64 = 5_000;
const GROWS_PER_S: f64 = 50.0;
/// Each commit that changes rows adds an undo log or two; purge that removes three of four is not
/// outrun yet, and the list is [`LONG`] soon enough if that goes on.
const LEFT_OF_COMMITS: f64 = 0.25;
/// However it moves: reads walk through that many old versions.
const LONG: u64 = 100_000;
const CRITICAL: u64 = 1_000_000;

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Undo logs purge has still to remove.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_list_length: Option<u64>,
    /// How fast that grows; negative when it shrinks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth_per_s: Option<f64>,
    /// Age of the transaction whose read view is the oldest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_view_s: Option<i64>,
    /// Its connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_view_connection: Option<u64>,
    /// Delay put on changes because of `innodb_max_purge_lag`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_us: Option<u64>,
}

const LENGTH: [&str; 2] = ["innodb_history_list_length", "trx_rseg_history_len"];

/// Reads the figures.
pub fn figures(pair: &Pair) -> Figures {
    let printed = pair.once.monitor.transactions.as_ref();
    let now = pair.now(&LENGTH);
    let growth = now.zip(pair.then(&LENGTH)).zip(pair.window_s);
    let holder = pair.once.open.iter().find(|trx| trx.holds_purge);
    Figures {
        history_list_length: now
            .or_else(|| printed.and_then(|transactions| transactions.history_list_length)),
        growth_per_s: growth
            .map(|((now, then), window)| round((now as f64 - then as f64) / window)),
        oldest_view_s: holder.map(|trx| trx.age_s),
        oldest_view_connection: holder.map(|trx| trx.connection),
        delay_us: pair
            .now(&["purge_dml_delay_usec"])
            .filter(|delay| *delay > 0),
    }
}

/// A read view that holds purge, or writers that outrun it.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    let held: Vec<Finding> =
        open::findings(&pair.once.open, &pair.once.purge, &pair.instance, false)
            .into_iter()
            .filter(|finding| finding.id == "purge_held_by_read_view")
            .map(|finding| with_growth(finding, &figures))
            .collect();
    if !held.is_empty() {
        return held;
    }
    outrun(pair, &figures).into_iter().collect()
}

fn with_growth(finding: Finding, figures: &Figures) -> Finding {
    match figures.growth_per_s {
        Some(growth) => finding.evidence(
            "history_growth",
            growth,
            "per_s",
            "difference of two samples",
        ),
        None => finding,
    }
}

fn outrun(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let length = figures.history_list_length?;
    let commits = commit::per_s(pair).unwrap_or(0.0);
    let grows = figures
        .growth_per_s
        .is_some_and(|growth| growth >= GROWS_PER_S && growth >= LEFT_OF_COMMITS * commits);
    if !(length >= LONG || (length >= BEHIND && grows)) {
        return None;
    }
    let severity = if length >= CRITICAL {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let blame = pair.culprits.top(Measure::RowsAffected);
    let writer = blame.as_ref().map_or_else(String::new, |blame| {
        format!("; most is changed by {}", blame.phrase())
    });
    let movement = match figures.growth_per_s {
        Some(growth) if growth >= 1.0 => format!(", {growth:.0} more a second"),
        Some(growth) if growth <= -1.0 => format!(", {:.0} fewer a second", -growth),
        _ => String::new(),
    };
    let finding = Finding::new(
        "purge_cannot_keep_up",
        severity,
        Confidence::Likely,
        format!(
            "purge does not keep up with changes: {length} undo logs to remove{movement}, and no old \
             read view explains it{writer}"
        ),
    )
    .against(
        "history_list_length",
        length,
        BEHIND,
        "undo logs",
        "status or innodb_metrics",
    );
    let finding = with_growth(finding, figures);
    let finding = match &blame {
        Some(blame) => blame.evidence(finding),
        None => finding,
    };
    let threads = pair.setting("innodb_purge_threads").unwrap_or(0);
    Some(
        finding
            .remedy(
                "slow the writer down, or have it delete in smaller transactions",
                "safe",
                "its job takes longer",
                RUNBOOK,
            )
            .remedy(
                format!("raise innodb_purge_threads (now {threads})"),
                "needs a restart on MySQL; dynamic on MariaDB 10.7 and later",
                "CPU and I/O taken from sessions",
                RUNBOOK,
            )
            .next("innodb_transactions", json!({ "instance": pair.instance })),
    )
}
