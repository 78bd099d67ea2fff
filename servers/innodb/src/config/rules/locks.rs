//! Locks, isolation, and how long is waited.

use super::{Breach, DYNAMIC, NEW_SESSIONS, RESTART, Rule, View, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "row_lock_wait_long",
        "innodb_lock_wait_timeout",
        row_lock_wait_long,
        (
            "SET GLOBAL innodb_lock_wait_timeout = 50",
            NEW_SESSIONS,
            "waiters give up sooner and must retry",
        ),
    ),
    rule(
        "row_lock_wait_short",
        "innodb_lock_wait_timeout",
        row_lock_wait_short,
        (
            "SET GLOBAL innodb_lock_wait_timeout = 50",
            NEW_SESSIONS,
            "waiters queue for longer",
        ),
    ),
    rule(
        "deadlocks_not_detected",
        "innodb_deadlock_detect",
        deadlocks_not_detected,
        (
            "SET GLOBAL innodb_deadlock_detect = ON",
            DYNAMIC,
            "processor time on rows many want at once",
        ),
    ),
    rule(
        "isolation_unusual",
        "transaction_isolation",
        isolation_unusual,
        (
            "SET GLOBAL transaction_isolation = 'REPEATABLE-READ' (or READ-COMMITTED)",
            NEW_SESSIONS,
            "applications may rely on it",
        ),
    ),
    rule(
        "auto_increment_serial",
        "innodb_autoinc_lock_mode",
        auto_increment_serial,
        (
            "set innodb_autoinc_lock_mode = 2 (with binlog_format = ROW) in the configuration",
            RESTART,
            "values of one statement need not be consecutive",
        ),
    ),
];

/// Ten minutes: longer than any client waits.
fn row_lock_wait_long(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_lock_wait_timeout")? >= 600.0).then(|| {
        Breach::warning("behind one forgotten transaction sessions queue until connections run out")
    })
}

/// Shorter than an ordinary commit group under load.
fn row_lock_wait_short(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_lock_wait_timeout")? <= 2.0)
        .then(|| Breach::warning("ordinary waits end in error 1205, and most clients do not retry"))
}

/// MySQL Reference Manual, "Deadlock Detection".
fn deadlocks_not_detected(view: &View<'_>) -> Option<Breach> {
    let wait = view.number("innodb_lock_wait_timeout").unwrap_or(50.0);
    view.off("innodb_deadlock_detect").then(|| {
        Breach::warning(format!(
            "each deadlock lasts until innodb_lock_wait_timeout ({wait} s) ends it"
        ))
    })
}

/// MySQL Reference Manual, "Transaction Isolation Levels".
fn isolation_unusual(view: &View<'_>) -> Option<Breach> {
    match view.word("transaction_isolation").as_str() {
        "SERIALIZABLE" => Some(Breach::warning(
            "every read in a transaction takes locks: waits and deadlocks",
        )),
        "READ-UNCOMMITTED" => Some(Breach::warning(
            "reads see changes that are rolled back later",
        )),
        _ => None,
    }
}

/// MySQL Reference Manual, "`AUTO_INCREMENT` Handling in InnoDB".
fn auto_increment_serial(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_autoinc_lock_mode")? < 0.5).then(|| {
        Breach::warning("every INSERT holds the table's AUTO-INC lock to its end: inserts queue")
    })
}
