//! What the forest means: the findings of `innodb_lock_waits` and its headline. Pure.

use std::collections::BTreeSet;

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use crate::picture::Picture;
use crate::sessions::show_statement;
use crate::unseen;
use crate::waits::{LockKind, Party, Root};

/// A wait shorter than this is everyday traffic: `innodb_lock_wait_timeout` counts in seconds and
/// defaults to 50 (MySQL Reference Manual, "InnoDB Startup Options and System Variables").
const LONG_WAIT_S: i64 = 2;
/// From here on clients are being hurt: a fifth of the default time-out, or a queue.
const CRITICAL_WAIT_S: i64 = 10;
const CRITICAL_QUEUE: usize = 5;
/// More roots than this are listed, not told one by one.
const FINDINGS_AT_MOST: usize = 3;
const RUNBOOK: &str = "innodb_lock_waits";

/// What they wait for: the lock the first waiter behind the root asks for.
fn object(root: &Root) -> String {
    let Some(first) = root.waiters.first() else {
        return String::new();
    };
    let kind = first.lock.kind;
    let object = Untrusted::name(&first.lock.object);
    let article = if matches!(kind, LockKind::AutoInc | LockKind::InsertIntention) {
        "an"
    } else {
        "a"
    };
    let lock = format!("{article} {} lock", kind.as_str());
    match &first.lock.index {
        _ if kind == LockKind::TableFlush => {
            format!("{object} open, which a table flush waits for")
        }
        _ if kind.is_server_wide() => format!("{lock} on the whole server"),
        Some(index) => format!("{lock} on {object} ({})", Untrusted::name(index)),
        None => format!("{lock} on {object}"),
    }
}

/// One sentence for the whole picture.
pub fn headline(picture: &Picture<'_>) -> String {
    let forest = picture.forest;
    match (forest.roots.first(), forest.circles.len()) {
        (None, 0) => unseen::sentence(&unseen::waiters(picture))
            .unwrap_or_else(|| "no session waits for a lock".to_owned()),
        (None, circles) => format!(
            "{} sessions wait for each other in {circles} circle(s)",
            forest.waiting
        ),
        (Some(root), _) => {
            let others = match forest.roots.len() {
                1 => String::new(),
                roots => format!("; {} more root blockers", roots - 1),
            };
            let wait = picture.longest_wait(root).unwrap_or(0);
            format!(
                "{} is {} and holds up {} for {wait} s{others}",
                picture.who(&root.party),
                picture.state(&root.party),
                picture.victims(root)
            )
        }
    }
}

/// The findings, those that hold up most first.
pub fn findings(picture: &Picture<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = picture
        .forest
        .roots
        .iter()
        .filter(|root| picture.longest_wait(root).unwrap_or(0) >= LONG_WAIT_S)
        .take(FINDINGS_AT_MOST)
        .map(|root| root_finding(picture, root))
        .collect();
    findings.extend(
        picture
            .forest
            .circles
            .iter()
            .map(|circle| circle_finding(picture, circle)),
    );
    findings.extend(unseen::finding(picture));
    findings
}

fn root_finding(picture: &Picture<'_>, root: &Root) -> Finding {
    let wait = picture.longest_wait(root).unwrap_or(0);
    let critical = wait >= CRITICAL_WAIT_S || root.waiters.len() >= CRITICAL_QUEUE;
    let severity = if critical {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let state = picture.state(&root.party);
    let kind = first_kind(root);
    let metadata = kind.is_some_and(LockKind::is_of_server);
    let id = finding_id(state, kind);
    let statement = format!(
        "{} is {state} and holds {}; {} cannot go on, the longest for {wait} s",
        picture.who(&root.party),
        object(root),
        picture.victims(root),
    );
    // Waits for a flush are told from states and statements.
    let confidence = match kind {
        Some(LockKind::TableFlush) => Confidence::Likely,
        _ => Confidence::Certain,
    };
    let finding = Finding::new(id, severity, confidence, statement)
        .evidence(
            "longest_wait",
            wait,
            "s",
            if metadata {
                "process list"
            } else {
                "innodb_trx"
            },
        )
        .evidence(
            "sessions_blocked",
            root.waiters.len(),
            "",
            if metadata {
                "metadata_locks"
            } else {
                "data_lock_waits"
            },
        );
    let finding = with_blocker_facts(finding, picture, root);
    let finding = with_queued_ddl(finding, picture, root);
    with_remedy(finding, picture, root).next(
        "innodb_transactions",
        json!({ "instance": picture.instance }),
    )
}

/// The kind of lock that holds up the first waiter.
fn first_kind(root: &Root) -> Option<LockKind> {
    root.waiters.first().map(|waiter| waiter.lock.kind)
}

fn finding_id(state: &str, kind: Option<LockKind>) -> &'static str {
    let idle = state.starts_with("idle");
    match kind {
        _ if state == "prepared" => "prepared_transaction_blocks",
        Some(LockKind::GlobalRead | LockKind::Commit) => "global_read_lock_holder",
        Some(LockKind::Backup) => "backup_lock_holder",
        Some(LockKind::UserLevel) => "user_lock_holder",
        Some(LockKind::TableFlush) => "table_flush_held_up",
        Some(LockKind::Metadata) if idle => "idle_metadata_lock_holder",
        Some(LockKind::Metadata) => "metadata_lock_holder",
        _ if idle => "idle_blocker",
        _ => "running_blocker",
    }
}

fn with_blocker_facts(mut finding: Finding, picture: &Picture<'_>, root: &Root) -> Finding {
    if let Some(trx) = picture.transaction(&root.party) {
        if let Some(age) = trx.age_s {
            finding = finding.evidence("transaction_age", age, "s", "innodb_trx");
        }
        finding = finding.evidence("rows_modified", trx.rows_modified, "rows", "innodb_trx");
    }
    if let Party::Connection(id) = root.party {
        let (what, sql) = match picture.sessions.statement(id) {
            Some(sql) => ("running", Some(sql)),
            None => ("last_statement", picture.sessions.last_statement(id)),
        };
        if let Some(sql) = sql {
            let shown = show_statement(sql, picture.literals, 200);
            finding = finding.evidence(what, shown.as_str(), "", "performance_schema");
        }
    }
    finding
}

/// A definition change that waits behind the holder and makes everyone else queue: cancelling it is
/// the cheapest way out.
fn with_queued_ddl(finding: Finding, picture: &Picture<'_>, root: &Root) -> Finding {
    let queued = root.waiters.iter().find(|waiter| {
        waiter.lock.kind == LockKind::Metadata
            && waiter.lock.mode == "EXCLUSIVE"
            && root
                .waiters
                .iter()
                .any(|other| other.behind == waiter.party)
    });
    let Some(Party::Connection(ddl)) = queued.map(|waiter| &waiter.party) else {
        return finding;
    };
    let behind = root
        .waiters
        .iter()
        .filter(|w| w.behind == Party::Connection(*ddl))
        .count();
    let who = picture.who(&Party::Connection(*ddl));
    finding
        .evidence("queue_behind_ddl", behind, "sessions", "metadata_locks")
        .evidence("ddl_waiting", who, "", "metadata_locks")
        .remedy(
            format!("KILL QUERY {ddl}"),
            "safe: the definition change has not begun; it has to be issued again",
            format!("none; {behind} sessions go on at once"),
            RUNBOOK,
        )
}

fn with_remedy(finding: Finding, picture: &Picture<'_>, root: &Root) -> Finding {
    let finding = match first_kind(root).and_then(release) {
        Some((step, safety)) => finding.remedy(step, safety, "none", RUNBOOK),
        None => finding,
    };
    let modified = picture
        .transaction(&root.party)
        .map_or(0, |trx| trx.rows_modified);
    match &root.party {
        Party::Detached(trx) => finding.remedy(
            format!(
                "XA RECOVER, then XA COMMIT or XA ROLLBACK of transaction {}",
                Untrusted::name(trx)
            ),
            "ask its coordinator first: it has promised to commit; cannot be undone",
            "none to the database; the coordinator may lose agreement with other participants",
            RUNBOOK,
        ),
        Party::Connection(id) => finding.remedy(
            format!("KILL {id}"),
            "its transaction is rolled back, its locks are released and its client sees an error; \
             cannot be undone",
            rollback_cost(modified),
            RUNBOOK,
        ),
    }
}

/// How the owner lets go of a lock that no transaction's end releases.
fn release(kind: LockKind) -> Option<(&'static str, &'static str)> {
    const BACKUP_ENDS: &str = "safe for the data; a backup that relies on it has to start again";
    Some(match kind {
        LockKind::GlobalRead | LockKind::Commit => {
            ("have its owner run UNLOCK TABLES", BACKUP_ENDS)
        }
        LockKind::Backup => (
            "have its owner run UNLOCK INSTANCE (MySQL) or BACKUP STAGE END (MariaDB)",
            BACKUP_ENDS,
        ),
        LockKind::UserLevel => (
            "have its owner run RELEASE_LOCK or disconnect",
            "safe where the program has ended what the lock guards",
        ),
        _ => return None,
    })
}

/// Undoing a change takes about as long as making it did (MySQL Reference Manual, "Optimizing
/// InnoDB Transaction Management").
pub(crate) fn rollback_cost(rows_modified: u64) -> String {
    match rows_modified {
        0 => "nothing to roll back".to_owned(),
        rows => format!("rolls back {rows} modified rows, about as long as changing them took"),
    }
}

fn circle_finding(picture: &Picture<'_>, circle: &BTreeSet<Party>) -> Finding {
    let names: Vec<String> = circle
        .iter()
        .map(|party| picture.who(party))
        .take(4)
        .collect();
    Finding::new(
        "wait_circle",
        Severity::Critical,
        Confidence::Likely,
        format!(
            "{} sessions wait for each other and none can go on: {}",
            circle.len(),
            names.join("; ")
        ),
    )
    .evidence("sessions_in_circle", circle.len(), "", "lock waits")
    .remedy(
        "KILL one of them, the one with the fewest modified rows",
        "its transaction is rolled back and its client sees an error; cannot be undone",
        "its modified rows are rolled back",
        RUNBOOK,
    )
}
