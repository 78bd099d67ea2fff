//! Connections: how many are used of how many, who holds them, who is refused. Pure.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use storex_tool::{Confidence, Finding, Severity};

use super::limits::HeldRow;
use super::samples::{Pair, age_text, round};

const RUNBOOK: &str = "innodb_pressure";
/// From here on a restart of one application or a moment's slowness uses them up.
const USED_HIGH: f64 = 0.85;
/// Used up but for what the server keeps for administrators (MySQL Reference Manual, "Connection
/// Interfaces": one beyond `max_connections`) and our own.
const USED_UP: f64 = 0.97;
/// Whoever holds this share of all connections decides how many are left.
const HOLDS: f64 = 0.4;
/// A pool keeps a few idle connections; where nine of ten run nothing it is too large or they leak.
const IDLE_SHARE: f64 = 0.9;
/// So many idle connections of one program are more than any pool needs at rest.
const IDLE_MANY: u64 = 10;
/// A pool hands its connections out in turn, so that all are used within seconds under load.
const LEAK_IDLE_S: f64 = 5.0;
/// Every connection costs a thread, its buffers and an authentication: applications that keep none
/// open and connect for each request make this many.
const CONNECTS_PER_S: f64 = 50.0;

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

/// `ER_TOO_MANY_USER_CONNECTIONS`: the account has `max_user_connections`.
const ACCOUNT_LIMIT: u64 = 1203;
/// `ER_USER_LIMIT_REACHED`: the account has a limit of its own.
const RESOURCE_LIMIT: u64 = 1226;

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
    let (used, limit, ratio) = (figures.used?, figures.limit?, figures.used_ratio?);
    let refused = figures.refused_per_s.unwrap_or(0.0);
    if ratio < USED_HIGH && refused == 0.0 {
        return None;
    }
    let (severity, how) = if refused > 0.0 {
        let text = format!(
            "{used} of {limit} connections are used and {refused} clients a second are refused"
        );
        (Severity::Critical, text)
    } else if ratio >= USED_UP {
        (
            Severity::Critical,
            format!("all {limit} connections are used ({used})"),
        )
    } else {
        (
            Severity::Warning,
            format!("{used} of {limit} connections are used"),
        )
    };
    let holders = by_program(&pair.once.seen.held);
    let holder = holders
        .first()
        .filter(|row| row.connections as f64 >= HOLDS * used as f64);
    let (id, confidence, why) = match holder {
        Some(row) if is_idle(row) => (
            "idle_connections_use_up_the_limit",
            Confidence::Likely,
            format!(": {}; it leaks them, or its pool is too large", holds(row)),
        ),
        Some(row) => (
            "connections_used_up",
            Confidence::Likely,
            format!(
                ": {}; {} of them are busy, so what they run is slow or too many run it",
                holds(row),
                row.connections - row.idle
            ),
        ),
        None => (
            "connections_used_up",
            Confidence::Possible,
            spread(&holders),
        ),
    };
    let mut finding = Finding::new(id, severity, confidence, format!("{how}{why}")).against(
        "connections",
        used,
        limit,
        "",
        "status Threads_connected, variable max_connections",
    );
    if let Some(refused) = figures.refused_per_s {
        let from = "status Connection_errors_max_connections";
        finding = finding.against("refused", refused, 0, "per_s", from);
    }
    finding = with_holder(finding, holder);
    let busy = holder.is_none_or(|row| !is_idle(row));
    if busy {
        finding = finding.next("innodb_lock_waits", json!({ "instance": pair.instance }));
    }
    if let Some(row) = holder.filter(|row| is_idle(row)) {
        finding = finding.remedy(
            format!(
                "restart or roll back {}, or end its idle connections (KILL), and bound its pool",
                row.who()
            ),
            "safe where they hold no transaction (see innodb_transactions); it may leak again at once",
            "its next requests connect anew",
            RUNBOOK,
        );
    }
    let origin = pair
        .changed_at_run_time("max_connections")
        .map_or_else(String::new, |changed| format!(" (it was {changed})"));
    Some(finding.remedy(
        format!("raise max_connections{origin} to gain time"),
        "safe: dynamic, and can be set back",
        "memory for each connection more; a leak uses it up as well",
        RUNBOOK,
    ))
}

/// A program that keeps far more connections than it uses.
fn idle_pool(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let limit = figures.limit?;
    let holders = by_program(&pair.once.seen.held);
    let row = holders
        .first()
        .filter(|row| is_idle(row) && row.connections as f64 >= HOLDS * limit as f64)?;
    let finding = Finding::new(
        "idle_pool",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "{} of {limit} connections the server allows: its pool is too large, or it leaks them",
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

/// An account that has as many connections as it may have.
fn account_limit(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let limit = pair
        .setting("max_user_connections")
        .filter(|limit| *limit > 0);
    let refused = figures
        .refused_accounts_per_s
        .filter(|refused| *refused > 0.0);
    let users = by_user(&pair.once.seen.held);
    let at_limit = users
        .iter()
        .find(|row| limit.is_some_and(|limit| row.connections >= limit));
    if at_limit.is_none() && refused.is_none() {
        return None;
    }
    let turned_away = refused.map_or_else(String::new, |refused| {
        format!("; {refused} attempts a second are refused (error 1203 or 1226)")
    });
    let (confidence, what) = match (at_limit, limit) {
        (Some(row), Some(limit)) => (
            Confidence::Certain,
            format!(
                "user {} has all {limit} connections that max_user_connections allows{turned_away}; {} of \
                 them are idle",
                account(row),
                row.idle
            ),
        ),
        _ => {
            let most = users.first().map_or_else(String::new, |row| {
                format!("; user {} has most ({})", account(row), row.connections)
            });
            let text = format!(
                "an account has reached its limit of connections{turned_away}, although the server has \
                 room{most}"
            );
            (Confidence::Possible, text)
        }
    };
    let severity = if refused.is_some() {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let mut finding = Finding::new("account_connections_used_up", severity, confidence, what);
    if let (Some(row), Some(limit)) = (at_limit, limit) {
        let from = "process list, variable max_user_connections";
        finding = finding.against("account_connections", row.connections, limit, "", from);
    }
    if let Some(refused) = refused {
        let from = "performance_schema.events_errors_summary_global_by_error";
        finding = finding.against("account_refused", refused, 0, "per_s", from);
    }
    let program = at_limit.and_then(|row| {
        let held = pair.once.seen.held.iter();
        held.filter(|held| held.user == row.user)
            .max_by_key(|held| held.connections)
    });
    finding = with_holder(finding, program);
    Some(finding.remedy(
        "find who holds them; raise max_user_connections, or ALTER USER ... WITH MAX_USER_CONNECTIONS",
        "safe: dynamic, and can be set back",
        "the account may then use up max_connections",
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

fn is_idle(row: &HeldRow) -> bool {
    row.connections >= IDLE_MANY
        && row.idle as f64 >= IDLE_SHARE * row.connections as f64
        && row.longest_idle_s >= LEAK_IDLE_S
}

/// `mobile-api, user mobile@10.0.0.7 holds 45, all idle, on average for 12 s`.
fn holds(row: &HeldRow) -> String {
    let idle = match row.idle {
        0 => "none idle".to_owned(),
        idle if idle == row.connections => "all idle".to_owned(),
        idle => format!("{idle} idle"),
    };
    let age = match row.mean_idle_s.filter(|_| row.idle > 0) {
        Some(mean) => format!(", on average for {}", age_text(mean as i64)),
        None => String::new(),
    };
    format!("{} holds {}, {idle}{age}", row.who(), row.connections)
}

/// `: held by a (12), b (9), c (8)`, or nothing where nobody could be read.
fn spread(holders: &[HeldRow]) -> String {
    let most: Vec<String> = holders
        .iter()
        .take(3)
        .map(|row| format!("{} ({})", row.who(), row.connections))
        .collect();
    if most.is_empty() {
        String::new()
    } else {
        format!(": held by {}", most.join("; "))
    }
}

fn with_holder(finding: Finding, holder: Option<&HeldRow>) -> Finding {
    let Some(row) = holder else {
        return finding;
    };
    let from = "process list by user, host and program";
    finding
        .evidence("holder", row.who(), "", from)
        .evidence("held", row.connections, "connections", from)
        .evidence("held_idle", row.idle, "connections", from)
        .evidence("longest_idle", round(row.longest_idle_s), "s", from)
}

fn account(row: &HeldRow) -> storex_tool::Untrusted {
    storex_tool::Untrusted::name(row.user.as_deref().unwrap_or("?"))
}

/// Rows of one program and account from several hosts together, most first.
fn by_program(held: &[HeldRow]) -> Vec<HeldRow> {
    together(held, |a, b| a.user == b.user && a.program == b.program)
}

fn by_user(held: &[HeldRow]) -> Vec<HeldRow> {
    together(held, |a, b| a.user == b.user)
}

fn together(held: &[HeldRow], same: impl Fn(&HeldRow, &HeldRow) -> bool) -> Vec<HeldRow> {
    let mut all: Vec<HeldRow> = Vec::new();
    for row in held {
        match all.iter_mut().find(|known| same(known, row)) {
            Some(known) => add(known, row),
            None => all.push(row.clone()),
        }
    }
    all.sort_by_key(|row| std::cmp::Reverse(row.connections));
    all
}

fn add(known: &mut HeldRow, row: &HeldRow) {
    let weighted = |row: &HeldRow| row.mean_idle_s.unwrap_or(0.0) * row.idle as f64;
    let sum = weighted(known) + weighted(row);
    known.connections += row.connections;
    known.idle += row.idle;
    known.longest_idle_s = known.longest_idle_s.max(row.longest_idle_s);
    known.mean_idle_s = (known.idle > 0).then(|| sum / known.idle as f64);
    if known.host != row.host {
        known.host = None;
    }
    if known.program != row.program {
        known.program = None;
    }
}
