//! Connections: how many are used of how many, who holds them, who is refused. Pure.

mod account;
mod holders;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use storex_tool::{Confidence, Finding, Severity};

use super::limits::HeldRow;
use super::samples::{Pair, round};
use account::account_limit;
use holders::{by_program, holds, is_idle, spread, with_holder};

const RUNBOOK: &str = "innodb_pressure";
/// From here on a restart of one application or a moment's slowness uses them up.
const USED_HIGH: f64 = 0.85;
/// Used up but for what the server keeps for administrators (MySQL Reference Manual, "Connection
/// Interfaces": one beyond `max_connections`) and our own.
const USED_UP: f64 = 0.97;
/// Whoever holds this share of all connections decides how many are left.
const HOLDS: f64 = 0.4;
/// A pool of half the server leaves no room for a second one of its kind.
const POOL_SHARE: f64 = 0.5;
/// Not yet near the limit, but no longer with room for everyone's peak.
const CROWDED: f64 = 0.7;
/// Every connection costs a thread, its buffers and an authentication: applications that keep none
/// open and connect for each request make this many.
const CONNECTS_PER_S: f64 = 50.0;
/// `ER_TOO_MANY_USER_CONNECTIONS`: the account has `max_user_connections`.
const ACCOUNT_LIMIT: u64 = 1203;
/// `ER_USER_LIMIT_REACHED`: the account has a limit of its own.
const RESOURCE_LIMIT: u64 = 1226;

/// Figures of the window and of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Open now
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// `max_connections`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Share in use
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_ratio: Option<f64>,
    /// Most in use since the server started
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_used: Option<u64>,
    /// Connecting clients refused
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_per_s: Option<f64>,
    /// Connections attempted
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connects_per_s: Option<f64>,
    /// Attempts that failed for whatever reason
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aborted_connects_per_s: Option<f64>,
    /// Refused because their account has too many
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_accounts_per_s: Option<f64>,
    /// Run nothing
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<u64>,
    /// Who holds most
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
}

/// Who holds most connections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Holder {
    /// Program and account
    pub who: String,
    /// Connections
    pub connections: u64,
    /// Those that run nothing
    pub idle: u64,
    /// How long they have run nothing, on average
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_idle_s: Option<f64>,
    /// The longest
    pub longest_idle_s: f64,
}

/// Reads the figures.
pub fn figures(pair: &Pair) -> Figures {
    let used = pair.now(&["threads_connected"]);
    let limit = pair.setting("max_connections");
    let held = &pair.once.seen.held;
    Figures {
        used,
        limit,
        used_ratio: used
            .zip(limit.filter(|limit| *limit > 0))
            .map(|(used, limit)| round(used as f64 / limit as f64)),
        most_used: pair.now(&["max_used_connections"]),
        refused_per_s: pair
            .per_s(&["connection_errors_max_connections"])
            .map(round),
        connects_per_s: pair.per_s(&["connections"]).map(round),
        aborted_connects_per_s: pair.per_s(&["aborted_connects"]).map(round),
        refused_accounts_per_s: pair
            .errors_per_s(&[ACCOUNT_LIMIT, RESOURCE_LIMIT])
            .map(round),
        idle: (!held.is_empty()).then(|| held.iter().map(|row| row.idle).sum()),
        holder: by_program(held).first().map(|row| Holder {
            who: row.who(),
            connections: row.connections,
            idle: row.idle,
            mean_idle_s: row.mean_idle_s.map(round),
            longest_idle_s: round(row.longest_idle_s),
        }),
    }
}

/// Connections used up, by whom; accounts at their limit; connecting too often.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    let used_up = used_up(pair, &figures);
    let pool = if used_up.is_none() {
        idle_pool(pair, &figures)
    } else {
        None
    };
    [
        used_up,
        account_limit(pair, &figures),
        pool,
        churn(&figures),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn used_up(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let (used, limit) = (figures.used?, figures.limit?);
    let (severity, how) = usage(figures)?;
    let holders = by_program(&pair.once.seen.held);
    let holder = holders
        .first()
        .filter(|row| row.connections as f64 >= HOLDS * used as f64);
    let idle = holder.filter(|row| is_idle(row));
    let (confidence, why) = match holder {
        Some(row) if idle.is_some() => (
            Confidence::Likely,
            format!(": {}; it leaks them, or its pool is too large", holds(row)),
        ),
        Some(row) => (
            Confidence::Likely,
            format!(
                ": {}; {} of them are busy, so what they run is slow or too many run it",
                holds(row),
                row.connections - row.idle
            ),
        ),
        None => (Confidence::Possible, spread(&holders)),
    };
    let id = match idle {
        Some(_) => "idle_connections_use_up_the_limit",
        None => "connections_used_up",
    };
    let from = "status Threads_connected, variable max_connections";
    let mut finding = Finding::new(id, severity, confidence, format!("{how}{why}")).against(
        "connections",
        used,
        limit,
        "",
        from,
    );
    if let Some(refused) = figures.refused_per_s {
        let from = "status Connection_errors_max_connections";
        finding = finding.against("refused", refused, 0, "per_s", from);
    }
    finding = with_holder(finding, holder);
    Some(with_ways_out(finding, pair, idle))
}

/// How much of the limit is used, if that is worth telling.
fn usage(figures: &Figures) -> Option<(Severity, String)> {
    let (used, limit, ratio) = (figures.used?, figures.limit?, figures.used_ratio?);
    let refused = figures.refused_per_s.unwrap_or(0.0);
    let text = format!("{used} of {limit} connections are used");
    if refused > 0.0 {
        let text = format!("{text} and {refused} clients a second are refused");
        Some((Severity::Critical, text))
    } else if ratio >= USED_UP {
        Some((Severity::Critical, text))
    } else {
        (ratio >= USED_HIGH).then_some((Severity::Warning, text))
    }
}

fn with_ways_out(finding: Finding, pair: &Pair, idle: Option<&HeldRow>) -> Finding {
    let finding = match idle {
        Some(row) => finding.remedy(
            format!(
                "restart or roll back {}, or end its idle connections (KILL), and bound its pool",
                row.who()
            ),
            "safe where they hold no transaction (see innodb_transactions); it may leak again at once",
            "its next requests connect anew",
            RUNBOOK,
        ),
        None => finding.next("innodb_lock_waits", json!({ "instance": pair.instance })),
    };
    let origin = pair
        .changed_at_run_time("max_connections")
        .map_or_else(String::new, |changed| format!(" ({changed})"));
    finding.remedy(
        format!("raise max_connections{origin} to gain time"),
        "safe: dynamic, and can be set back",
        "memory for each connection more; a leak uses it up as well",
        RUNBOOK,
    )
}

/// A program that keeps far more connections than it uses.
fn idle_pool(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let limit = figures.limit?;
    let holders = by_program(&pair.once.seen.held);
    let row = holders
        .first()
        .filter(|row| is_idle(row) && row.connections as f64 >= POOL_SHARE * limit as f64)?;
    let crowded = figures.used_ratio.is_some_and(|used| used >= CROWDED);
    let finding = Finding::new(
        "idle_pool",
        if crowded {
            Severity::Warning
        } else {
            Severity::Info
        },
        Confidence::Likely,
        format!(
            "{}; the server allows {limit}: its pool is too large, or it leaks them",
            holds(row)
        ),
    );
    Some(with_holder(finding, Some(row)).remedy(
        format!("lower the pool size or its idle time-out in {}", row.who()),
        "safe: done in the application",
        "none",
        RUNBOOK,
    ))
}

/// Clients that connect for each request.
fn churn(figures: &Figures) -> Option<Finding> {
    let attempts = figures.connects_per_s?;
    let refused =
        figures.refused_per_s.unwrap_or(0.0) + figures.aborted_connects_per_s.unwrap_or(0.0);
    let rate = attempts - refused;
    (rate >= CONNECTS_PER_S).then(|| {
        Finding::new(
            "connects_too_often",
            Severity::Warning,
            Confidence::Certain,
            format!("{rate:.0} connections a second are made anew: a client keeps none open"),
        )
        .against(
            "connects",
            round(rate),
            CONNECTS_PER_S,
            "per_s",
            "status Connections",
        )
        .remedy(
            "have the client keep a pool",
            "safe: done in the application",
            "none",
            RUNBOOK,
        )
    })
}
