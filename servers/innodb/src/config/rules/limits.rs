//! Connections, time-outs, caches of tables and files.

use super::{Breach, DYNAMIC, NEW_SESSIONS, RESTART, Rule, View, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "connections_at_limit",
        "max_connections",
        connections_at_limit,
        (
            "look first for who holds connections (sleeping, or waiting); raise max_connections only with memory to spare",
            DYNAMIC,
            "memory per connection",
        ),
    ),
    rule(
        "connect_errors_block_hosts",
        "max_connect_errors",
        connect_errors_block_hosts,
        (
            "SET GLOBAL max_connect_errors = 100; FLUSH HOSTS frees blocked ones",
            DYNAMIC,
            "none",
        ),
    ),
    rule(
        "idle_sessions_cut_early",
        "wait_timeout",
        idle_sessions_cut_early,
        (
            "SET GLOBAL wait_timeout above the idle time of the clients' pools",
            NEW_SESSIONS,
            "idle connections stay longer",
        ),
    ),
    rule(
        "idle_sessions_stay",
        "wait_timeout",
        idle_sessions_stay,
        (
            "SET GLOBAL wait_timeout = 28800 or less",
            NEW_SESSIONS,
            "clients idle for longer have to connect again",
        ),
    ),
    rule(
        "network_timeout_short",
        "net_read_timeout",
        |view| network_timeout_short(view, "net_read_timeout"),
        ("SET GLOBAL net_read_timeout = 30", NEW_SESSIONS, "none"),
    ),
    rule(
        "network_timeout_short",
        "net_write_timeout",
        |view| network_timeout_short(view, "net_write_timeout"),
        ("SET GLOBAL net_write_timeout = 60", NEW_SESSIONS, "none"),
    ),
    rule(
        "network_timeout_short",
        "connect_timeout",
        |view| network_timeout_short(view, "connect_timeout"),
        ("SET GLOBAL connect_timeout = 10", DYNAMIC, "none"),
    ),
    rule(
        "packets_small",
        "max_allowed_packet",
        packets_small,
        (
            "SET GLOBAL max_allowed_packet = 67108864",
            NEW_SESSIONS,
            "memory while such a packet is handled",
        ),
    ),
    rule(
        "statements_cut_short",
        "max_execution_time",
        |view| statements_cut_short(view, "max_execution_time", 1_000.0),
        (
            "SET GLOBAL max_execution_time = 0, or above the longest legitimate query",
            NEW_SESSIONS,
            "runaway queries run on",
        ),
    ),
    rule(
        "statements_cut_short",
        "max_statement_time",
        |view| statements_cut_short(view, "max_statement_time", 1.0),
        (
            "SET GLOBAL max_statement_time = 0, or above the longest legitimate statement",
            NEW_SESSIONS,
            "runaway statements run on",
        ),
    ),
    rule(
        "table_cache_small",
        "table_open_cache",
        table_cache_small,
        (
            "SET GLOBAL table_open_cache to the tables in use times the sessions that use them",
            DYNAMIC,
            "memory and open files",
        ),
    ),
    rule(
        "files_limited",
        "open_files_limit",
        files_limited,
        (
            "raise LimitNOFILE of the service, and open_files_limit",
            RESTART,
            "none",
        ),
    ),
];

/// MySQL Reference Manual, `Max_used_connections`, `Connection_errors_max_connections`. A tenth left is
/// no reserve for a retry storm.
fn connections_at_limit(view: &View<'_>) -> Option<Breach> {
    let limit = view.number("max_connections")?;
    let used = view.counted("max_used_connections")?;
    let refused = view
        .counted("connection_errors_max_connections")
        .unwrap_or(0.0);
    let lowered = view.changed("max_connections") && limit < 151.0;
    if refused < 1.0 && used < limit * 0.9 {
        return None;
    }
    let lowered = if lowered {
        ", and it was lowered below the default"
    } else {
        ""
    };
    let breach = if refused > 0.0 {
        Breach::warning(format!(
            "{refused} connection attempts were refused since the start, up to {used} were in use{lowered}"
        ))
    } else {
        Breach::warning(format!("up to {used} were in use since the start{lowered}"))
    };
    Some(
        breach
            .figure(
                "max_used_connections",
                used,
                limit,
                "since start",
                "status Max_used_connections",
            )
            .figure(
                "connections_refused",
                refused,
                None,
                "since start",
                "status Connection_errors_max_connections",
            ),
    )
}

/// MySQL Reference Manual, `max_connect_errors`: that many interrupted connects in a row block a host.
fn connect_errors_block_hosts(view: &View<'_>) -> Option<Breach> {
    (view.number("max_connect_errors")? < 10.0 && view.off("skip_name_resolve"))
        .then(|| Breach::warning("a few interrupted connects block a whole host (error 1129)"))
}

/// Pools keep connections idle for minutes; ten seconds cut them under their owners.
fn idle_sessions_cut_early(view: &View<'_>) -> Option<Breach> {
    (view.number("wait_timeout")? <= 10.0).then(|| {
        Breach::warning("idle connections of pools are closed under their owners, who then see lost connections")
    })
}

/// More than a day (default 8 h).
fn idle_sessions_stay(view: &View<'_>) -> Option<Breach> {
    (view.number("wait_timeout")? > 86_400.0)
        .then(|| Breach::info("forgotten connections, and what they hold, stay for days"))
}

/// MySQL Reference Manual, "Communication Errors and Aborted Connections": under a few seconds a busy
/// client or network is cut off.
fn network_timeout_short(view: &View<'_>, setting: &str) -> Option<Breach> {
    (view.number(setting)? < 5.0)
        .then(|| Breach::warning("a client or network that is slow for a moment is cut off"))
}

/// Four times less than MySQL's smallest default ever in use (4 MiB in 5.7).
fn packets_small(view: &View<'_>) -> Option<Breach> {
    (view.number("max_allowed_packet")? < 1_048_576.0).then(|| {
        Breach::warning(
            "larger statements and rows fail (error 1153), dumps and replication among them",
        )
    })
}

/// MySQL Reference Manual, `max_execution_time`; MariaDB Knowledge Base, `max_statement_time`. Under a
/// second is less than an ordinary report takes.
fn statements_cut_short(view: &View<'_>, setting: &str, limit: f64) -> Option<Breach> {
    let value = view.number(setting).filter(|value| *value > 0.0)?;
    Some(if value < limit {
        Breach::warning("statements that take longer fail (error 3024, MariaDB 1969)")
    } else {
        Breach::info("statements that take longer fail (error 3024, MariaDB 1969)")
    })
}

/// MySQL Reference Manual, "How MySQL Opens and Closes Tables": `Opened_tables` grows where the cache is
/// too small. One reopening a second since the start, of a cache made a quarter of the default.
fn table_cache_small(view: &View<'_>) -> Option<Breach> {
    let cache = view.number("table_open_cache")?;
    let uptime = view.uptime_s().max(1.0);
    let overflows = view.counted("table_open_cache_overflows").unwrap_or(0.0);
    let per_s = overflows / uptime;
    let tiny = view.changed("table_open_cache") && cache <= 500.0;
    if !tiny && per_s < 1.0 {
        return None;
    }
    let breach = Breach::warning(if per_s >= 1.0 {
        format!(
            "tables are thrown out of the cache and opened again, {per_s:.1} times a second since the start"
        )
    } else {
        "with many sessions tables are closed and opened again all the time".to_owned()
    });
    let breach = if per_s >= 1.0 {
        breach
    } else {
        breach.possible()
    };
    Some(breach.figure(
        "table_open_cache_overflows",
        overflows,
        None,
        "since start",
        "status Table_open_cache_overflows",
    ))
}

/// MySQL Reference Manual, `open_files_limit`: at least `max_connections` + twice `table_open_cache`; the
/// usual 1,024 of a shell is less than the server's own default needs.
fn files_limited(view: &View<'_>) -> Option<Breach> {
    let limit = view.number("open_files_limit")?;
    (limit > 0.0 && limit <= 1_100.0)
        .then(|| Breach::warning("the caches of tables and connections were cut to fit, or opening tables fails (error 24)"))
}
