//! Who holds connections: rows of several hosts put together, and their wording.

use storex_tool::{Finding, Untrusted};

use super::super::limits::HeldRow;
use super::super::samples::round;

/// A pool keeps a few idle connections; where nine of ten run nothing it is too large or they leak.
const IDLE_SHARE: f64 = 0.9;

/// So many idle connections of one program are more than any pool needs at rest.
const IDLE_MANY: u64 = 10;

/// A pool hands its connections out in turn, so that all are used within seconds under load.
const LEAK_IDLE_S: f64 = 5.0;

/// Whether it keeps far more connections than it uses.
pub(super) fn is_idle(row: &HeldRow) -> bool {
    row.connections >= IDLE_MANY
        && row.idle as f64 >= IDLE_SHARE * row.connections as f64
        && row.longest_idle_s >= LEAK_IDLE_S
}

/// `mobile-api, user mobile@10.0.0.7 holds 45, all idle, on average for 12 s`.
pub(super) fn holds(row: &HeldRow) -> String {
    let idle = match row.idle {
        0 => "none idle".to_owned(),
        idle if idle == row.connections => "all idle".to_owned(),
        idle => format!("{idle} idle"),
    };
    let age = match row.mean_idle_s.filter(|_| row.idle > 0) {
        Some(mean) => format!(", on average for {mean:.0} s"),
        None => String::new(),
    };
    format!("{} holds {}, {idle}{age}", row.who(), row.connections)
}

/// `: held by a (12), b (9), c (8)`, or nothing where nobody could be read.
pub(super) fn spread(holders: &[HeldRow]) -> String {
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

/// Adds who holds how many.
pub(super) fn with_holder(finding: Finding, holder: Option<&HeldRow>) -> Finding {
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

/// Its account, marked where needed.
pub(super) fn account(row: &HeldRow) -> Untrusted {
    Untrusted::name(row.user.as_deref().unwrap_or("?"))
}

/// Rows of one program and account from several hosts together, most first.
pub(super) fn by_program(held: &[HeldRow]) -> Vec<HeldRow> {
    together(held, |a, b| a.user == b.user && a.program == b.program)
}

/// Rows of one account together, most first.
pub(super) fn by_user(held: &[HeldRow]) -> Vec<HeldRow> {
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
