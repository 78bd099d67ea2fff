//! Open transactions and what they hold: joined from `innodb_trx`, sessions and the monitor's read
//! views; and what is wrong with them. Pure.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use crate::monitor::{Monitor, TransactionState};
use crate::sessions::{Sessions, TrxRow, show_statement};
use crate::verdict::rollback_cost;

const RUNBOOK: &str = "innodb_transactions";
/// A read view younger than this is a statement at work.
const OLD_VIEW_S: i64 = 10;
/// History everyday traffic does not leave behind in that time. MySQL Reference Manual, "Purge
/// Configuration": the list is short as long as nothing holds purge.
const HISTORY_HELD: u64 = 1_000;
const HISTORY_LONG: u64 = 100_000;
const HISTORY_CRITICAL: u64 = 1_000_000;
/// A client that has not come back within this time has forgotten its transaction.
const IDLE_S: i64 = 30;
/// Undoing this many changes takes minutes, after a kill as after a crash.
const MANY_ROWS: u64 = 100_000;

/// One open transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Open {
    /// Connection id; 0 for a transaction without one.
    pub connection: u64,
    /// Transaction id.
    pub trx_id: String,
    /// Account.
    pub user: Option<String>,
    /// Program.
    pub program: Option<String>,
    /// `program, user u@host`, marked, for a sentence.
    pub who: String,
    /// `idle`, `running`, `lock wait`, `prepared`, ...
    pub state: &'static str,
    /// Seconds since it began.
    pub age_s: i64,
    /// Seconds it has run nothing.
    pub idle_s: Option<i64>,
    /// Row locks, about.
    pub rows_locked: u64,
    /// Rows changed.
    pub rows_modified: u64,
    /// Isolation level.
    pub isolation: Option<String>,
    /// Running now, or last run.
    pub statement: Option<String>,
    /// Whether its read view is the oldest.
    pub holds_purge: bool,
}

/// What purge has to do and who keeps it from doing so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purge {
    /// Undo log records not yet removed.
    pub history_list_length: Option<u64>,
    /// The connection whose read view is the oldest.
    pub holder: Option<u64>,
    /// Whether the view itself was seen, rather than told from what kind of transaction it is.
    pub certain: bool,
}

impl Purge {
    /// Finds the oldest read view.
    ///
    /// MariaDB prints every view in its monitor: the one that sees least is the oldest. MySQL prints
    /// none for a transaction that has not written; there it is the oldest transaction that keeps
    /// its view (REPEATABLE READ and SERIALIZABLE keep the first until they end, MySQL Reference
    /// Manual, "Consistent Nonlocking Reads"). One that has locked nothing can only have read by a
    /// view.
    pub fn of(
        monitor: Option<&Monitor>,
        transactions: &[TrxRow],
        history_list_length: Option<u64>,
    ) -> Self {
        let printed = printed_views(monitor);
        let open = monitor.and_then(|monitor| monitor.row_operations.as_ref()?.read_views_open);
        let all_printed =
            !printed.is_empty() && open.is_none_or(|open| printed.len() as u64 >= open);
        let (holder, certain) = if all_printed {
            (
                printed.iter().min().map(|(.., connection)| *connection),
                true,
            )
        } else if open == Some(0) {
            (None, false)
        } else {
            let keeper = transactions
                .iter()
                .filter(|trx| keeps_its_view(trx))
                .max_by_key(|trx| trx.age_s);
            let reader = keeper.is_some_and(|trx| trx.rows_locked == 0 && trx.rows_modified == 0);
            (keeper.map(|trx| trx.id), reader)
        };
        Self {
            history_list_length,
            holder,
            certain,
        }
    }
}

/// What each printed view sees, how old its transaction is, and whose it is: the oldest is the least.
fn printed_views(monitor: Option<&Monitor>) -> Vec<(u64, std::cmp::Reverse<Option<u64>>, u64)> {
    let transactions = monitor.and_then(|monitor| monitor.transactions.as_ref());
    let list = transactions
        .into_iter()
        .flat_map(|transactions| &transactions.list);
    list.filter_map(|trx| {
        let view = trx.read_view?;
        let connection = trx.session.as_ref()?.thread_id;
        Some((view.seen_below, std::cmp::Reverse(trx.active_s), connection))
    })
    .collect()
}

fn keeps_its_view(trx: &TrxRow) -> bool {
    let keeps = matches!(
        trx.isolation.as_deref(),
        Some("REPEATABLE READ" | "SERIALIZABLE")
    );
    trx.id != 0 && keeps
}

/// Joins the rows, oldest first.
pub fn join(
    transactions: &[TrxRow],
    sessions: &Sessions,
    monitor: Option<&Monitor>,
    purge: &Purge,
) -> Vec<Open> {
    transactions
        .iter()
        .map(|trx| open(trx, sessions, monitor, purge))
        .collect()
}

fn open(trx: &TrxRow, sessions: &Sessions, monitor: Option<&Monitor>, purge: &Purge) -> Open {
    let session = sessions.session(trx.id);
    let idle = sessions.is_idle(trx.id);
    let statement = sessions
        .statement(trx.id)
        .or_else(|| sessions.last_statement(trx.id));
    Open {
        connection: trx.id,
        trx_id: trx.trx_id.clone(),
        user: session.and_then(|session| session.user.clone()),
        program: session.and_then(|session| session.program.clone()),
        who: session
            .map(crate::sessions::SessionRow::who)
            .unwrap_or_default(),
        state: state(trx, idle, monitor),
        age_s: trx.age_s.unwrap_or(0),
        idle_s: session.filter(|_| idle).and_then(|session| session.time_s),
        rows_locked: trx.rows_locked,
        rows_modified: trx.rows_modified,
        isolation: trx.isolation.clone(),
        statement: statement.map(str::to_owned),
        holds_purge: trx.id != 0 && purge.holder == Some(trx.id),
    }
}

fn state(trx: &TrxRow, idle: bool, monitor: Option<&Monitor>) -> &'static str {
    let printed = monitor
        .and_then(|monitor| monitor.transactions.as_ref())
        .and_then(|all| {
            all.list
                .iter()
                .find(|printed| printed.id.is_some_and(|id| id.to_string() == trx.trx_id))
        });
    if printed.is_some_and(|printed| printed.state == TransactionState::Prepared) {
        return "prepared";
    }
    match trx.state.as_str() {
        "LOCK WAIT" => "lock wait",
        "ROLLING BACK" => "rolling back",
        "COMMITTING" => "committing",
        _ if trx.id == 0 => "without a connection",
        _ if idle => "idle",
        _ => "running",
    }
}

/// One sentence for all of them.
pub fn headline(open: &[Open], purge: &Purge) -> String {
    let Some(oldest) = open.first() else {
        return "no transaction is open".to_owned();
    };
    let history = purge
        .history_list_length
        .map_or_else(String::new, |length| {
            format!("; history list length {length}")
        });
    let name = match oldest.connection {
        0 => format!("transaction {}", Untrusted::name(&oldest.trx_id)),
        id => format!("connection {id}"),
    };
    match open.len() {
        1 => format!(
            "one transaction is open: {name}, {} for {} s{history}",
            oldest.state, oldest.age_s
        ),
        all => format!(
            "{all} transactions are open, the oldest ({name}) for {} s and {}{history}",
            oldest.age_s, oldest.state
        ),
    }
}

/// What is wrong with them.
pub fn findings(open: &[Open], purge: &Purge, instance: &str, literals: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(purge_finding(open, purge, literals));
    findings.extend(
        open.iter()
            .filter(|trx| !trx.holds_purge)
            .filter_map(|trx| forgotten(trx, literals))
            .take(3),
    );
    findings.extend(open.iter().filter_map(prepared).take(3));
    findings.extend(open.iter().filter_map(large).take(1));
    findings
        .into_iter()
        .map(|finding| finding.next("innodb_lock_waits", json!({ "instance": instance })))
        .collect()
}

fn purge_finding(open: &[Open], purge: &Purge, literals: bool) -> Option<Finding> {
    let history = purge.history_list_length?;
    let holder = open.iter().find(|trx| trx.holds_purge)?;
    if holder.age_s < OLD_VIEW_S || history < HISTORY_HELD {
        return None;
    }
    let severity = match history {
        HISTORY_CRITICAL.. => Severity::Critical,
        HISTORY_LONG.. => Severity::Warning,
        _ => Severity::Info,
    };
    let finding = Finding::new(
        "purge_held_by_read_view",
        severity,
        if purge.certain { Confidence::Certain } else { Confidence::Likely },
        format!(
            "connection {} ({}) has held the oldest read view for {} s while {}; purge cannot remove \
             {history} undo log records",
            holder.connection,
            holder.who,
            holder.age_s,
            if holder.idle_s.is_some() { "idle in its transaction" } else { "its transaction runs" },
        ),
    )
    .against("history_list_length", history, HISTORY_HELD, "records", "innodb monitor, TRANSACTIONS")
    .evidence("read_view_age", holder.age_s, "s", "innodb_trx");
    Some(with_statement(finding, holder, literals).remedy(
        format!("KILL {}", holder.connection),
        "its transaction is rolled back and its client sees an error; cannot be undone",
        rollback_cost(holder.rows_modified),
        RUNBOOK,
    ))
}

/// Idle with locks or changes: whoever wants the same rows will wait.
fn forgotten(trx: &Open, literals: bool) -> Option<Finding> {
    let idle = trx.idle_s.filter(|idle| *idle >= IDLE_S)?;
    if trx.rows_locked == 0 && trx.rows_modified == 0 {
        return None;
    }
    let finding = Finding::new(
        "idle_transaction_with_locks",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "connection {} ({}) has been idle in a transaction for {idle} s and holds {} row locks and {} \
             modified rows",
            trx.connection, trx.who, trx.rows_locked, trx.rows_modified
        ),
    )
    .against("idle", idle, IDLE_S, "s", "process list")
    .evidence("rows_locked", trx.rows_locked, "rows", "innodb_trx")
    .evidence("rows_modified", trx.rows_modified, "rows", "innodb_trx");
    Some(with_statement(finding, trx, literals).remedy(
        format!("KILL {}", trx.connection),
        "its transaction is rolled back and its client sees an error; cannot be undone",
        rollback_cost(trx.rows_modified),
        RUNBOOK,
    ))
}

fn prepared(trx: &Open) -> Option<Finding> {
    if trx.state != "prepared" || trx.connection != 0 {
        return None;
    }
    let id = Untrusted::name(&trx.trx_id);
    Some(
        Finding::new(
            "prepared_transaction_without_coordinator",
            Severity::Warning,
            Confidence::Certain,
            format!(
                "prepared XA transaction {id} has no connection and keeps {} row locks until its \
                 coordinator decides",
                trx.rows_locked
            ),
        )
        .evidence("rows_locked", trx.rows_locked, "rows", "innodb_trx")
        .evidence("age", trx.age_s, "s", "innodb_trx")
        .remedy(
            "XA RECOVER, then XA COMMIT or XA ROLLBACK",
            "ask its coordinator first: it has promised to commit; cannot be undone",
            "the coordinator may lose agreement with other participants",
            RUNBOOK,
        ),
    )
}

fn large(trx: &Open) -> Option<Finding> {
    if trx.rows_modified < MANY_ROWS {
        return None;
    }
    Some(
        Finding::new(
            "large_transaction",
            Severity::Info,
            Confidence::Certain,
            format!(
                "connection {} ({}) has modified {} rows in one transaction: a rollback would take about \
                 as long, and replicas will apply it in one piece",
                trx.connection, trx.who, trx.rows_modified
            ),
        )
        .against("rows_modified", trx.rows_modified, MANY_ROWS, "rows", "innodb_trx"),
    )
}

fn with_statement(finding: Finding, trx: &Open, literals: bool) -> Finding {
    match &trx.statement {
        Some(sql) => {
            let what = if trx.idle_s.is_some() {
                "last_statement"
            } else {
                "running"
            };
            let shown = show_statement(sql, literals, 200);
            finding.evidence(what, shown.as_str(), "", "performance_schema")
        }
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(age_s: i64, holds_purge: bool) -> Open {
        Open {
            connection: 7,
            age_s,
            holds_purge,
            idle_s: Some(age_s),
            state: "idle",
            ..Open::default()
        }
    }

    fn ids(open: &[Open], history: u64) -> Vec<&'static str> {
        let purge = Purge {
            history_list_length: Some(history),
            holder: Some(7),
            certain: true,
        };
        findings(open, &purge, "shop", false)
            .iter()
            .map(|finding| finding.id)
            .collect()
    }

    #[test]
    fn an_old_view_over_a_long_history_is_told() {
        assert_eq!(ids(&[reader(60, true)], 5_000), ["purge_held_by_read_view"]);
    }

    #[test]
    fn where_the_monitor_prints_no_view_the_oldest_transaction_that_keeps_one_holds_purge() {
        let trx = |id: u64, age_s: i64, isolation: &str, rows_locked: u64| TrxRow {
            id,
            age_s: Some(age_s),
            isolation: Some(isolation.into()),
            rows_locked,
            ..TrxRow::default()
        };
        let transactions = [
            trx(1, 900, "READ COMMITTED", 5),
            trx(2, 60, "REPEATABLE READ", 0),
            trx(3, 5, "REPEATABLE READ", 2),
        ];
        let purge = Purge::of(None, &transactions, Some(5_000));
        assert_eq!((purge.holder, purge.certain), (Some(2), true));
    }

    #[test]
    fn young_views_short_histories_and_idle_readers_without_locks_are_quiet() {
        assert!(ids(&[reader(3, true)], 50_000).is_empty());
        assert!(ids(&[reader(600, true)], 200).is_empty());
        assert!(ids(&[reader(600, false)], 50_000).is_empty());
    }

    #[test]
    fn an_idle_writer_is_told_once_it_has_been_away_for_long() {
        let writer = |idle| Open {
            rows_modified: 3,
            ..reader(idle, false)
        };
        assert!(ids(&[writer(5)], 0).is_empty());
        assert_eq!(ids(&[writer(31)], 0), ["idle_transaction_with_locks"]);
    }

    #[test]
    fn a_prepared_transaction_nobody_is_connected_to_is_told() {
        let trx = Open {
            connection: 0,
            state: "prepared",
            trx_id: "4711".into(),
            ..Open::default()
        };
        assert_eq!(ids(&[trx], 0), ["prepared_transaction_without_coordinator"]);
    }
}
