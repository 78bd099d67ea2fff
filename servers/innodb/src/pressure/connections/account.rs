//! Accounts that may hold no more connections.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::super::samples::Pair;
use super::holders::{account, by_user, with_holder};
use super::{Figures, RUNBOOK};

/// An account that has as many connections as it may have.
pub(super) fn account_limit(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let limit = pair
        .setting("max_user_connections")
        .filter(|limit| *limit > 0);
    let refused = figures
        .refused_accounts_per_s
        .filter(|refused| *refused > 0.0);
    let users = by_user(&pair.once.seen.held);
    let at_limit = limit.and_then(|limit| {
        let row = users.iter().find(|row| row.connections >= limit)?;
        Some((row, limit))
    });
    if at_limit.is_none() && refused.is_none() {
        return None;
    }
    let turned_away = refused.map_or_else(String::new, |refused| {
        format!("; {refused} attempts a second are refused (error 1203 or 1226)")
    });
    let (confidence, what) = if let Some((row, limit)) = at_limit {
        let text = format!(
            "user {}{} has all {limit} connections that max_user_connections allows{turned_away}; {} of \
             them are idle",
            account(row),
            row.program
                .as_ref()
                .map_or_else(String::new, |program| format!(
                    " (by {})",
                    Untrusted::name(program)
                )),
            row.idle
        );
        (Confidence::Certain, text)
    } else {
        let most = users.first().map_or_else(String::new, |row| {
            format!("; user {} has most ({})", account(row), row.connections)
        });
        let text = format!(
            "an account has reached its limit of connections{turned_away}, although the server has \
             room{most}"
        );
        (Confidence::Possible, text)
    };
    let severity = match refused {
        Some(_) => Severity::Critical,
        None => Severity::Warning,
    };
    let mut finding = Finding::new("account_connections_used_up", severity, confidence, what);
    if let Some((row, limit)) = at_limit {
        let from = "process list, variable max_user_connections";
        finding = finding.against("account_connections", row.connections, limit, "", from);
        let held = pair.once.seen.held.iter();
        let programs = held.filter(|held| held.user == row.user);
        finding = with_holder(finding, programs.max_by_key(|held| held.connections));
    }
    if let Some(refused) = refused {
        let from = "performance_schema.events_errors_summary_global_by_error";
        finding = finding.against("account_refused", refused, 0, "per_s", from);
    }
    Some(finding.remedy(
        "find who holds them; raise max_user_connections, or ALTER USER ... WITH MAX_USER_CONNECTIONS",
        "safe: dynamic, and can be set back",
        "the account may then use up max_connections",
        RUNBOOK,
    ))
}
