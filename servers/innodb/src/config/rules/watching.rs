//! What the server records about itself, and what recording costs.

use storex_tool::Untrusted;

use super::{Breach, DYNAMIC, RESTART, Rule, View, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "performance_schema_off",
        "performance_schema",
        performance_schema_off,
        (
            "set performance_schema = ON in the configuration",
            RESTART,
            "some memory and a few percent of processor time",
        ),
    ),
    rule(
        "consumers_off",
        "performance_schema",
        consumers_off,
        (
            "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = '...', and in the configuration",
            DYNAMIC,
            "a few percent of processor time",
        ),
    ),
    rule(
        "digests_lost",
        "performance_schema_digests_size",
        digests_lost,
        (
            "raise performance_schema_digests_size, or TRUNCATE the digest table after reading it",
            RESTART,
            "memory",
        ),
    ),
    rule(
        "general_log_on",
        "general_log",
        general_log_on,
        ("SET GLOBAL general_log = OFF", DYNAMIC, "none"),
    ),
    rule(
        "slow_log_of_everything",
        "long_query_time",
        slow_log_of_everything,
        (
            "SET GLOBAL long_query_time = 1",
            "dynamic, and can be set back; reaches new connections only",
            "short statements are no longer logged",
        ),
    ),
    rule(
        "slow_log_floods",
        "log_queries_not_using_indexes",
        slow_log_floods,
        (
            "SET GLOBAL log_queries_not_using_indexes = OFF, or a min_examined_row_limit",
            DYNAMIC,
            "none",
        ),
    ),
    rule(
        "warnings_not_logged",
        "log_error_verbosity",
        |view| warnings_not_logged(view, "log_error_verbosity", 2.0),
        (
            "SET GLOBAL log_error_verbosity = 2",
            DYNAMIC,
            "a longer error log",
        ),
    ),
    rule(
        "warnings_not_logged",
        "log_warnings",
        |view| warnings_not_logged(view, "log_warnings", 1.0),
        ("SET GLOBAL log_warnings = 2", DYNAMIC, "a longer error log"),
    ),
    rule(
        "monitor_to_error_log",
        "innodb_status_output",
        monitor_to_error_log,
        ("SET GLOBAL innodb_status_output = OFF", DYNAMIC, "none"),
    ),
];

/// MySQL Reference Manual, "Performance Schema Startup Configuration". Off is MariaDB's default.
fn performance_schema_off(view: &View<'_>) -> Option<Breach> {
    (view.off("performance_schema") && view.changed("performance_schema"))
        .then(|| Breach::info("statements, locks and the origin of settings cannot be seen"))
}

/// MySQL Reference Manual, "Pre-Filtering by Consumer".
fn consumers_off(view: &View<'_>) -> Option<Breach> {
    let off: Vec<String> = view
        .consumers_off
        .iter()
        .map(|name| Untrusted::name(name).to_string())
        .collect();
    (!off.is_empty()).then(|| {
        Breach::info(format!(
            "but {} is off, as it is not by default: statements cannot be seen",
            off.join(", ")
        ))
    })
}

/// MySQL Reference Manual, `Performance_schema_digest_lost`.
fn digests_lost(view: &View<'_>) -> Option<Breach> {
    let lost = view
        .counted("performance_schema_digest_lost")
        .filter(|lost| *lost > 0.0)?;
    let breach = Breach::info(format!(
        "{lost} statements since the start found no room and are counted together: figures per statement lack them"
    ));
    Some(breach.figure(
        "digests_lost",
        lost,
        None,
        "since start",
        "status Performance_schema_digest_lost",
    ))
}

/// MySQL Reference Manual, "The General Query Log".
fn general_log_on(view: &View<'_>) -> Option<Breach> {
    view.on("general_log").then(|| {
        Breach::warning("every statement of every client is written, with its literals: disk space, and a lock they queue for")
    })
}

/// MySQL Reference Manual, `long_query_time`.
fn slow_log_of_everything(view: &View<'_>) -> Option<Breach> {
    (view.number("long_query_time")? <= 0.0 && view.on("slow_query_log"))
        .then(|| Breach::info("every statement is in the slow log: disk space, and time for each"))
}

/// MySQL Reference Manual, `log_queries_not_using_indexes`.
fn slow_log_floods(view: &View<'_>) -> Option<Breach> {
    let unlimited = view.number("min_examined_row_limit").unwrap_or(0.0) < 1.0;
    (view.on("log_queries_not_using_indexes") && view.on("slow_query_log") && unlimited)
        .then(|| Breach::info("every read of a small table without an index is logged as slow"))
}

/// MySQL Reference Manual, `log_error_verbosity`; MariaDB Knowledge Base, `log_warnings`.
fn warnings_not_logged(view: &View<'_>, setting: &str, least: f64) -> Option<Breach> {
    (view.number(setting)? < least && view.changed(setting)).then(|| {
        Breach::info(
            "warnings, of full redo logs and aborted connections among them, are not logged",
        )
    })
}

/// MySQL Reference Manual, "Enabling InnoDB Monitors".
fn monitor_to_error_log(view: &View<'_>) -> Option<Breach> {
    view.on("innodb_status_output").then(|| {
        Breach::info(
            "the monitor is written to the error log every 15 s, and its rates restart each time",
        )
    })
}
