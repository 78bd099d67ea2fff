//! Statistics, limits of the optimizer, and the query cache. `optimizer_switch` and the settings that
//! choose plans have a detector of their own: [`crate::config::plan_switch`].

use super::{Breach, DYNAMIC, NEW_SESSIONS, Rule, View, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "statistics_not_kept",
        "innodb_stats_persistent",
        statistics_not_kept,
        (
            "SET GLOBAL innodb_stats_persistent = ON, then ANALYZE TABLE",
            DYNAMIC,
            "none",
        ),
    ),
    rule(
        "statistics_not_renewed",
        "innodb_stats_auto_recalc",
        statistics_not_renewed,
        (
            "SET GLOBAL innodb_stats_auto_recalc = ON, or ANALYZE TABLE on a schedule",
            DYNAMIC,
            "a few page reads after a tenth of a table has changed",
        ),
    ),
    rule(
        "statistics_inexact",
        "innodb_stats_persistent_sample_pages",
        statistics_inexact,
        (
            "SET GLOBAL innodb_stats_persistent_sample_pages = 20, then ANALYZE TABLE",
            DYNAMIC,
            "ANALYZE reads more pages",
        ),
    ),
    rule(
        "statistics_on_metadata",
        "innodb_stats_on_metadata",
        statistics_on_metadata,
        ("SET GLOBAL innodb_stats_on_metadata = OFF", DYNAMIC, "none"),
    ),
    rule(
        "results_limited",
        "sql_select_limit",
        results_limited,
        (
            "SET GLOBAL sql_select_limit = DEFAULT",
            NEW_SESSIONS,
            "none",
        ),
    ),
    rule(
        "joins_refused",
        "max_join_size",
        joins_refused,
        (
            "SET GLOBAL max_join_size = DEFAULT",
            NEW_SESSIONS,
            "large joins run",
        ),
    ),
    rule(
        "optimizer_traced",
        "optimizer_trace",
        optimizer_traced,
        (
            "SET GLOBAL optimizer_trace = 'enabled=off'",
            NEW_SESSIONS,
            "none",
        ),
    ),
    rule(
        "query_cache_on",
        "query_cache_type",
        query_cache_on,
        (
            "SET GLOBAL query_cache_type = OFF, query_cache_size = 0",
            DYNAMIC,
            "repeated identical reads run again",
        ),
    ),
];

/// MySQL Reference Manual, "Configuring Persistent Optimizer Statistics Parameters".
fn statistics_not_kept(view: &View<'_>) -> Option<Breach> {
    view.off("innodb_stats_persistent").then(|| {
        Breach::warning(
            "statistics are guessed again after every restart, and plans change with them",
        )
    })
}

/// The same page, "Configuring Automatic Statistics Calculation".
fn statistics_not_renewed(view: &View<'_>) -> Option<Breach> {
    view.off("innodb_stats_auto_recalc")
        .then(|| Breach::warning("statistics grow old as the data changes, and plans turn bad, unless something runs ANALYZE"))
}

/// The same page, "Configuring the Number of Sampled Pages"; the default is 20.
fn statistics_inexact(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_stats_persistent_sample_pages")? < 5.0)
        .then(|| Breach::warning("statistics rest on a handful of pages, and plans on luck"))
}

/// MySQL Reference Manual, `innodb_stats_on_metadata`.
fn statistics_on_metadata(view: &View<'_>) -> Option<Breach> {
    view.on("innodb_stats_on_metadata")
        .then(|| Breach::warning("whoever lists tables recomputes statistics: slow, and plans change under the statements"))
}

/// MySQL Reference Manual, `sql_select_limit`.
fn results_limited(view: &View<'_>) -> Option<Breach> {
    view.changed("sql_select_limit")
        .then(|| Breach::warning("every SELECT without a LIMIT is cut at that many rows, silently"))
}

/// MySQL Reference Manual, `max_join_size`.
fn joins_refused(view: &View<'_>) -> Option<Breach> {
    view.changed("max_join_size")
        .then(|| Breach::info("joins that look larger than this are refused (error 1104)"))
}

/// MySQL Reference Manual, "Tracing the Optimizer".
fn optimizer_traced(view: &View<'_>) -> Option<Breach> {
    view.word("optimizer_trace")
        .contains("ENABLED=ON")
        .then(|| {
            Breach::warning(
                "the optimizer traces every statement of new sessions: time and memory for nobody",
            )
        })
}

/// MariaDB Knowledge Base, "Query Cache": off by default because of its one mutex.
fn query_cache_on(view: &View<'_>) -> Option<Breach> {
    let on = !matches!(view.word("query_cache_type").as_str(), "" | "OFF" | "0");
    (on && view.number("query_cache_size")? > 0.0).then(|| {
        Breach::warning("all sessions queue for its one mutex, and every write empties the entries of its table")
    })
}
