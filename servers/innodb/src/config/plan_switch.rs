//! Plans that a setting has turned bad: an optimizer setting away from its default, and statements
//! that examine many times the rows they examined before. Pure.

mod affects;
mod told;

use std::collections::HashMap;

use serde::Deserialize;
use storex_tool::Finding;

use super::changes::GlobalChanges;
use super::settings::{Current, Settings};
use affects::can_affect;
use told::{plan_switched, setting_only};

/// A plan that examines that many times more rows is another plan: estimates within one plan move by
/// far less (MySQL Reference Manual, "Optimizer Cost Model", counts rows examined).
const WORSE: f64 = 10.0;
/// Fewer rows than these are read in a few milliseconds, whatever the plan.
const ROWS_EXAMINED: f64 = 1_000.0;
/// Runs without a scan that show that the statement had a better plan.
const RUNS_BEFORE: u64 = 5;

/// Settings that choose plans.
const SETTINGS: [&str; 9] = [
    "optimizer_switch",
    "optimizer_search_depth",
    "optimizer_prune_level",
    "eq_range_index_dive_limit",
    "range_optimizer_max_mem_size",
    "max_seeks_for_key",
    "join_cache_level",
    "optimizer_use_condition_selectivity",
    "use_stat_tables",
];

/// One statement of `events_statements_summary_by_digest`, counted since it was first seen.
#[derive(Debug, Clone, Deserialize)]
pub struct DigestRow {
    /// Its schema.
    pub schema_name: Option<String>,
    /// Its digest.
    pub digest: String,
    /// Its text without literals.
    pub digest_text: Option<String>,
    /// Times it ran.
    pub calls: u64,
    /// Rows it examined.
    pub rows_examined: u64,
    /// Runs that scanned their first table.
    pub scans: u64,
    /// Runs that used no index.
    pub no_index_used: u64,
    /// Time it took, in picoseconds.
    pub wait_ps: u64,
    /// When it was first seen, in UTC.
    pub first_seen: Option<String>,
}

/// Two samples of them; the second is absent where there was none.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    /// The first, where statements could be read at all.
    pub before: Option<Vec<DigestRow>>,
    /// The second.
    pub after: Option<Vec<DigestRow>>,
}

/// A statement whose plan got worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Sufferer {
    /// Its text.
    pub text: String,
    /// Runs between the two samples; without a second sample, since it was first seen.
    pub calls: u64,
    /// Those of them that scanned.
    pub scans: u64,
    /// Rows a run examines now.
    pub rows_per_call: f64,
    /// Rows a run examined before; unknown without a second sample.
    pub rows_per_call_before: Option<f64>,
    /// Time a run takes now.
    pub ms_per_call: f64,
    first_seen: Option<String>,
}

/// The settings that choose plans and are not as by default.
pub fn changed_settings(settings: &Settings) -> Vec<&Current> {
    SETTINGS
        .iter()
        .filter_map(|name| settings.get(name))
        .filter(|current| current.is_changed())
        .collect()
}

/// A finding for each such setting: those with statements that suffer, and those without.
pub fn findings(
    settings: &Settings,
    changes: &GlobalChanges,
    samples: &Samples,
) -> (Vec<Finding>, Vec<Finding>) {
    let sufferers = sufferers(samples);
    let (mut switched, mut alone) = (Vec::new(), Vec::new());
    for current in changed_settings(settings) {
        let hit: Vec<&Sufferer> = sufferers
            .iter()
            .filter(|sufferer| can_affect(current, &sufferer.text))
            .collect();
        if hit.is_empty() {
            alone.push(setting_only(current, changes, samples.before.is_some()));
        } else {
            switched.push(plan_switched(current, changes, &hit));
        }
    }
    (switched, alone)
}

/// Statements that examine many times more rows than before, those that examine most first.
pub fn sufferers(samples: &Samples) -> Vec<Sufferer> {
    let first = samples.before.as_deref().unwrap_or_default();
    let mut found: Vec<Sufferer> = match &samples.after {
        Some(after) => {
            let before: HashMap<(&Option<String>, &str), &DigestRow> = first
                .iter()
                .map(|row| ((&row.schema_name, row.digest.as_str()), row))
                .collect();
            after
                .iter()
                .filter_map(|row| {
                    let earlier = before.get(&(&row.schema_name, row.digest.as_str()))?;
                    in_window(earlier, row)
                })
                .collect()
        }
        None => first.iter().filter_map(in_all).collect(),
    };
    let weight = |sufferer: &Sufferer| sufferer.rows_per_call * sufferer.calls as f64;
    found.sort_by(|one, other| weight(other).total_cmp(&weight(one)));
    found
}

/// Counters that went backwards give nothing.
fn in_window(before: &DigestRow, after: &DigestRow) -> Option<Sufferer> {
    let calls = after
        .calls
        .checked_sub(before.calls)
        .filter(|calls| *calls > 0)?;
    let scans = after.scans.checked_sub(before.scans)?;
    let rows = after.rows_examined.checked_sub(before.rows_examined)?;
    let wait_ps = after.wait_ps.checked_sub(before.wait_ps)?;
    let rows_now = rows as f64 / calls as f64;
    let rows_before = if scans * 2 >= calls {
        rows_without_scan(before, rows_now)?
    } else {
        rows_of_all(before)?
    };
    (rows_now >= ROWS_EXAMINED && rows_now >= rows_before.max(1.0) * WORSE).then(|| Sufferer {
        text: after.digest_text.clone().unwrap_or_default(),
        calls,
        scans,
        rows_per_call: rows_now.round(),
        rows_per_call_before: Some(rows_before.round()),
        ms_per_call: milliseconds(wait_ps, calls),
        first_seen: after.first_seen.clone(),
    })
}

/// Most runs scan now: what the earlier runs without a scan examined is all rows, less those of the
/// scans at today's rate.
fn rows_without_scan(before: &DigestRow, rows_now: f64) -> Option<f64> {
    let runs = before.calls.checked_sub(before.scans)?;
    let scanned = before.scans as f64 * rows_now;
    let rows = (before.rows_examined as f64 - scanned).max(0.0);
    (runs >= RUNS_BEFORE).then(|| rows / runs as f64)
}

/// An index that is walked instead of searched (`ORDER BY` its column `LIMIT`) counts as no scan: the
/// mean of all earlier runs, which is the higher the longer the bad plan has run, is still far below.
fn rows_of_all(before: &DigestRow) -> Option<f64> {
    (before.calls >= RUNS_BEFORE).then(|| before.rows_examined as f64 / before.calls as f64)
}

/// Without a second sample: some runs since it was first seen scanned and others did not.
fn in_all(row: &DigestRow) -> Option<Sufferer> {
    let without_scan = row.calls.checked_sub(row.scans)?;
    let rows = row.rows_examined as f64 / row.scans.max(1) as f64;
    (row.scans >= RUNS_BEFORE && without_scan >= RUNS_BEFORE && rows >= ROWS_EXAMINED).then(|| {
        Sufferer {
            text: row.digest_text.clone().unwrap_or_default(),
            calls: row.calls,
            scans: row.scans,
            rows_per_call: (row.rows_examined as f64 / row.calls as f64).round(),
            rows_per_call_before: None,
            ms_per_call: milliseconds(row.wait_ps, row.calls),
            first_seen: row.first_seen.clone(),
        }
    })
}

fn milliseconds(wait_ps: u64, calls: u64) -> f64 {
    (wait_ps as f64 / calls.max(1) as f64 / 1e8).round() / 10.0
}

#[cfg(test)]
mod tests;
