//! Detectors: what will hurt later, seen from the settings and from a source's side. Pure.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::rows::{AuroraRow, MemberRow};
use super::stopped::RUNBOOK;
use crate::sessions::{Sessions, TrxRow, show_statement};
use crate::variables::Variables;

/// Rows of one transaction from which on replicas are held up for seconds: a replica applies some
/// ten thousand rows a second.
const BIG_TRANSACTION_ROWS: u64 = 100_000;
/// Aurora readers follow by redo within tens of milliseconds (Aurora User Guide, "Replication with
/// Amazon Aurora MySQL": usually much less than 100 ms).
const AURORA_LAG_MS: f64 = 1_000.0;

/// Transactions written on a replica itself: told as certain when their number grew between the
/// samples, because one that was a source before has old ones of its own.
pub fn written_here(
    before: Option<(u64, String)>,
    now: Option<(u64, String)>,
    mariadb: bool,
) -> Option<Finding> {
    let (count, set) = now?;
    let grown = before.is_some_and(|(earlier, _)| count > earlier);
    // MariaDB shows only those beyond what was received, which no former source has.
    let certain = grown || mariadb;
    let severity = if certain {
        Severity::Warning
    } else {
        Severity::Info
    };
    let confidence = if certain {
        Confidence::Certain
    } else {
        Confidence::Possible
    };
    let were = match count {
        1 => "one transaction was".to_owned(),
        count => format!("{count} transactions were"),
    };
    let statement = if certain {
        format!(
            "{were} written on this replica itself: the source does not have it, and a failover or the next event may \
             break on it"
        )
    } else {
        format!("{were} numbered by this server itself: errant, unless it was the source before")
    };
    let step = if mariadb {
        "find it in this server's binary log, undo it or bring it to the source; compare @@gtid_binlog_state on both"
    } else {
        "ask the source: SELECT GTID_SUBTRACT('<this set>', @@GLOBAL.gtid_executed); what remains exists here only. \
         Find it in this server's binary log, undo it or bring it to the source"
    };
    let set = Untrusted::text(&set, 120);
    Some(
        Finding::new("errant_transactions", severity, confidence, statement)
            .evidence(
                "errant",
                set.as_str(),
                "",
                "gtid_executed, gtid_binlog_state",
            )
            .remedy(
                step,
                "reading is safe; resetting GTIDs or injecting empty transactions only hides it",
                "data that differs has to be compared by hand",
                RUNBOOK,
            ),
    )
}

/// A replica anyone may write to.
pub fn writable(settings: &Variables, written: bool) -> Option<Finding> {
    if settings.is_on("read_only")? {
        return None;
    }
    let severity = if written {
        Severity::Warning
    } else {
        Severity::Info
    };
    Some(
        Finding::new(
            "replica_writable",
            severity,
            Confidence::Certain,
            "this replica accepts writes (read_only=OFF): any application that reaches it can make it differ from its \
             source",
        )
        .evidence("read_only", "OFF", "", "SHOW GLOBAL VARIABLES")
        .remedy(
            "SET GLOBAL super_read_only = ON (MariaDB: read_only = ON), and the same in its configuration",
            "safe unless it is a source of its own on purpose; can be set back",
            "writes of applications that reach it fail",
            RUNBOOK,
        ),
    )
}

/// Semi-synchronous replication that is enabled and has fallen back (MySQL Reference Manual,
/// "Semisynchronous Replication Monitoring").
pub fn semi_sync(settings: &Variables, status: &Variables) -> Option<Finding> {
    let either = |variables: &Variables, new: &str, old: &str| {
        variables
            .text(new)
            .or_else(|| variables.text(old))
            .map(str::to_owned)
    };
    let enabled = either(
        settings,
        "rpl_semi_sync_source_enabled",
        "rpl_semi_sync_master_enabled",
    )?;
    let running = either(
        status,
        "rpl_semi_sync_source_status",
        "rpl_semi_sync_master_status",
    )?;
    let clients = either(
        status,
        "rpl_semi_sync_source_clients",
        "rpl_semi_sync_master_clients",
    )?;
    if !matches!(enabled.as_str(), "ON" | "1") || running == "ON" {
        return None;
    }
    let clients: u64 = clients.parse().unwrap_or_default();
    Some(
        Finding::new(
            "semi_sync_fell_back",
            Severity::Warning,
            Confidence::Certain,
            format!(
                "semi-synchronous replication is enabled and off ({clients} replicas acknowledge): commits do not wait \
                 for a replica, so a failover can lose them"
            ),
        )
        .evidence("clients", clients, "replicas", "status Rpl_semi_sync_source_clients")
        .remedy(
            "start replication with the semi-sync replica plugin on at least one replica; it resumes by itself",
            "safe",
            "commits wait for the slowest acknowledgement, up to rpl_semi_sync_source_timeout",
            RUNBOOK,
        ),
    )
}

/// Members that do not serve (MySQL Reference Manual, "Group Replication Server States").
pub fn group(members: &[MemberRow]) -> Option<Finding> {
    let bad: Vec<&MemberRow> = members
        .iter()
        .filter(|member| member.state.as_deref() != Some("ONLINE"))
        .collect();
    let first = bad.first()?;
    let state = Untrusted::name(first.state.as_deref().unwrap_or("?"));
    let host = Untrusted::name(first.host.as_deref().unwrap_or("?"));
    let online = members.len() - bad.len();
    let joining = online * 2 > members.len() && state.as_str() == "RECOVERING";
    let severity = if joining {
        Severity::Info
    } else {
        Severity::Critical
    };
    Some(
        Finding::new(
            "group_member_not_online",
            severity,
            Confidence::Certain,
            format!(
                "{} of {} members of the group are not online, first {host}: {state}",
                bad.len(),
                members.len()
            ),
        )
        .evidence("online", online, "members", "replication_group_members"),
    )
}

/// Readers of an Aurora cluster that are behind their writer.
pub fn aurora(instances: &[AuroraRow]) -> Option<Finding> {
    let readers = instances
        .iter()
        .filter(|row| row.session_id.as_deref() != Some("MASTER_SESSION_ID"));
    let worst = readers.max_by(|a, b| lag_ms(a).total_cmp(&lag_ms(b)))?;
    let lag = lag_ms(worst);
    if lag < AURORA_LAG_MS {
        return None;
    }
    let name = Untrusted::name(&worst.server_id);
    Some(
        Finding::new(
            "aurora_reader_behind",
            Severity::Warning,
            Confidence::Certain,
            format!(
                "Aurora reader {name} is {:.1} s behind its writer: it restarts itself when it falls too far back",
                lag / 1_000.0
            ),
        )
        .against("lag", lag, AURORA_LAG_MS, "ms", "information_schema.replica_host_status")
        .remedy(
            "look for CPU saturation or long reports on that reader, and for heavy writes or DDL on the writer",
            "safe",
            "none",
            RUNBOOK,
        ),
    )
}

fn lag_ms(row: &AuroraRow) -> f64 {
    row.lag_ms.unwrap_or_default()
}

/// On a source: what will arrive at replicas in one piece.
pub fn big_transaction(
    transactions: &[TrxRow],
    sessions: &Sessions,
    replicas: usize,
    instance: &str,
    literals: bool,
) -> Option<Finding> {
    let big = coming(transactions)?;
    let who = sessions
        .session(big.id)
        .map_or_else(String::new, |session| format!(" ({})", session.who()));
    let age = big.age_s.unwrap_or_default();
    let mut finding = Finding::new(
        "big_transaction_coming",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "connection {}{who} has changed {} rows in one transaction within {age} s: once it commits, {replicas} \
             replicas apply it in one piece and fall behind",
            big.id, big.rows_modified
        ),
    )
    .against("rows_modified", big.rows_modified, BIG_TRANSACTION_ROWS, "rows", "innodb_trx");
    if let Some(sql) = sessions.statement(big.id) {
        let sql = show_statement(sql, literals, 200);
        finding = finding.evidence("running", sql.as_str(), "", "process list");
    }
    Some(
        finding
            .next("innodb_transactions", json!({ "instance": instance }))
            .remedy(
                "let it commit and keep reads that need fresh data on the source; next time cut it into chunks",
                "safe: killing it now rolls it all back, which takes about as long as it has run",
                "lag on every replica",
                RUNBOOK,
            ),
    )
}

/// The transaction with the most changes, when it is big.
pub fn coming(transactions: &[TrxRow]) -> Option<&TrxRow> {
    let most = transactions.iter().max_by_key(|trx| trx.rows_modified)?;
    (most.rows_modified >= BIG_TRANSACTION_ROWS && most.id != 0).then_some(most)
}

#[cfg(test)]
mod tests;
