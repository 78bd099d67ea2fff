//! Latches: sessions that wait for InnoDB's own locks in memory, and what the adaptive hash index
//! earns for the latch it costs. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::samples::{Pair, round};

const RUNBOOK: &str = "innodb_pressure";
/// Latches are held for microseconds; the monitor prints waits of any length, so many at once matter
/// before one of them is long.
const MANY_WAITS: usize = 4;
const LONG_WAIT_S: f64 = 2.0;
/// InnoDB itself reports waits from 240 s and kills the server at 600 s
/// (`innodb_fatal_semaphore_wait_threshold`).
const CRITICAL_WAIT_S: f64 = 60.0;
/// Seconds of waiting for one kind of latch in each second: one session's worth.
const WAIT_S_PER_S: f64 = 1.0;
const PICOSECONDS: f64 = 1e12;

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Threads waiting for a latch now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<usize>,
    /// The longest of those waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_wait_s: Option<f64>,
    /// Where most of them wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_at: Option<Untrusted>,
    /// Waits of the operating system for read-write latches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rwlock_os_waits_per_s: Option<f64>,
    /// The latch waited for most, where its instrument is enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busiest: Option<String>,
    /// Seconds waited for it in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busiest_wait_s_per_s: Option<f64>,
    /// Whether the adaptive hash index is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive_hash: Option<bool>,
    /// Share of searches it served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive_hash_hit_ratio: Option<f64>,
}

/// Reads the figures.
pub fn figures(pair: &Pair) -> Figures {
    let semaphores = pair.once.monitor.semaphores.as_ref();
    let waits = semaphores.map(|semaphores| semaphores.waits.as_slice());
    let os_waits = [
        "innodb_rwlock_s_os_waits",
        "innodb_rwlock_x_os_waits",
        "innodb_rwlock_sx_os_waits",
    ];
    let busiest = busiest(pair);
    let hits = pair.per_s(&[
        "innodb_adaptive_hash_hash_searches",
        "adaptive_hash_searches",
    ]);
    let others = pair.per_s(&[
        "innodb_adaptive_hash_non_hash_searches",
        "adaptive_hash_searches_btree",
    ]);
    let on = pair.once.settings.is_on("innodb_adaptive_hash_index");
    Figures {
        waiting: waits.map(<[_]>::len),
        longest_wait_s: waits
            .and_then(|waits| waits.iter().map(|wait| wait.waited_s).reduce(f64::max)),
        waits_at: crowded_place(pair),
        rwlock_os_waits_per_s: os_waits
            .iter()
            .map(|name| pair.per_s(&[name]))
            .sum::<Option<f64>>()
            .map(round),
        busiest: busiest.as_ref().map(|(name, _)| name.clone()),
        busiest_wait_s_per_s: busiest.map(|(_, waited)| round(waited)),
        adaptive_hash: on,
        adaptive_hash_hit_ratio: match (on, hits, others) {
            (Some(true), Some(hits), Some(others)) if hits + others > 0.0 => {
                Some(round(hits / (hits + others)))
            }
            _ => None,
        },
    }
}

/// The place in the source most threads wait at: the same latch, as far as the monitor tells.
fn crowded_place(pair: &Pair) -> Option<Untrusted> {
    let waits = &pair.once.monitor.semaphores.as_ref()?.waits;
    let count = |file: &str| {
        waits
            .iter()
            .filter(|wait| wait.waits_at.file == file)
            .count()
    };
    let most = waits.iter().max_by_key(|wait| count(&wait.waits_at.file))?;
    Some(Untrusted::name(&most.waits_at.file))
}

/// The InnoDB latch with the most waiting between the samples, and seconds waited in a second.
fn busiest(pair: &Pair) -> Option<(String, f64)> {
    let window = pair.window_s?;
    let before = &pair.before.synch;
    let waited = pair.after.synch.iter().filter_map(|row| {
        let name = row.event_name.split_once("/innodb/")?.1;
        let then = before
            .iter()
            .find(|then| then.event_name == row.event_name)?;
        let waited = row.wait_ps.checked_sub(then.wait_ps)? as f64 / PICOSECONDS / window;
        Some((Untrusted::name(name).to_string(), waited))
    });
    waited.max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Threads that wait for latches for long, or in a crowd.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    [waits(pair, &figures), contended(pair, &figures)]
        .into_iter()
        .flatten()
        .collect()
}

fn waits(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let (waiting, longest) = (figures.waiting?, figures.longest_wait_s?);
    if longest < LONG_WAIT_S && waiting < MANY_WAITS {
        return None;
    }
    let severity = if longest >= CRITICAL_WAIT_S {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let place = figures
        .waits_at
        .as_ref()
        .map_or_else(String::new, |place| format!(", most in {place}"));
    let hash = in_adaptive_hash(figures);
    let finding = Finding::new(
        if hash {
            "adaptive_hash_contention"
        } else {
            "latch_waits"
        },
        severity,
        Confidence::Certain,
        format!(
            "{waiting} threads wait for internal latches{place}, the longest for {longest} s{}",
            if hash {
                ": they contend for the adaptive hash index"
            } else {
                ""
            },
        ),
    )
    .against(
        "longest_latch_wait",
        longest,
        LONG_WAIT_S,
        "s",
        "innodb monitor, SEMAPHORES",
    )
    .next(
        "innodb_status",
        json!({ "instance": pair.instance, "detail": "full" }),
    );
    Some(if hash { without_hash(finding) } else { finding })
}

fn in_adaptive_hash(figures: &Figures) -> bool {
    let place = figures.waits_at.as_ref().map_or("", Untrusted::as_str);
    figures.adaptive_hash == Some(true) && place.starts_with("btr0sea")
}

fn contended(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let waited = figures
        .busiest_wait_s_per_s
        .filter(|waited| *waited >= WAIT_S_PER_S)?;
    let name = figures.busiest.as_deref()?;
    let hash = name.contains("btr_search") && figures.adaptive_hash == Some(true);
    let finding = Finding::new(
        if hash {
            "adaptive_hash_contention"
        } else {
            "latch_contention"
        },
        Severity::Warning,
        Confidence::Certain,
        format!("sessions wait {waited} s in each second for the internal latch {name}"),
    )
    .against(
        "latch_wait",
        waited,
        WAIT_S_PER_S,
        "s_per_s",
        "events_waits_summary_global_by_event_name",
    )
    .next(
        "innodb_status",
        json!({ "instance": pair.instance, "detail": "full" }),
    );
    Some(if hash { without_hash(finding) } else { finding })
}

fn without_hash(finding: Finding) -> Finding {
    finding.remedy(
        "set innodb_adaptive_hash_index=OFF, or raise innodb_adaptive_hash_index_parts",
        "OFF is dynamic and can be set back; parts need a restart",
        "lookups by unique key take a little longer",
        RUNBOOK,
    )
}
