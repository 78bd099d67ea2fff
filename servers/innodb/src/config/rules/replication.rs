//! The binary log, and applying another server's changes.

use super::{Breach, DYNAMIC, NEW_SESSIONS, RESTART, Rule, View, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "binlog_off",
        "log_bin",
        binlog_off,
        (
            "remove skip_log_bin from the configuration",
            RESTART,
            "disk space, and a flush per group of commits",
        ),
    ),
    rule(
        "binlog_never_purged",
        "binlog_expire_logs_seconds",
        binlog_never_purged,
        (
            "SET GLOBAL binlog_expire_logs_seconds = 2592000, longer than the slowest replica and backup",
            DYNAMIC,
            "older binary logs are removed at the next rotation",
        ),
    ),
    rule(
        "binlog_failure_ignored",
        "binlog_error_action",
        binlog_failure_ignored,
        (
            "SET GLOBAL binlog_error_action = ABORT_SERVER",
            DYNAMIC,
            "the server stops when it cannot log",
        ),
    ),
    rule(
        "binlog_statements",
        "binlog_format",
        binlog_statements,
        (
            "SET GLOBAL binlog_format = ROW",
            NEW_SESSIONS,
            "larger binary logs",
        ),
    ),
    rule(
        "binlog_rows_partial",
        "binlog_row_image",
        binlog_rows_partial,
        (
            "SET GLOBAL binlog_row_image = FULL",
            NEW_SESSIONS,
            "larger binary logs",
        ),
    ),
    rule(
        "commits_delayed",
        "binlog_group_commit_sync_delay",
        commits_delayed,
        (
            "SET GLOBAL binlog_group_commit_sync_delay = 0",
            DYNAMIC,
            "more flushes",
        ),
    ),
    rule(
        "commits_delayed",
        "binlog_commit_wait_count",
        commits_wait,
        (
            "SET GLOBAL binlog_commit_wait_count = 0",
            DYNAMIC,
            "more flushes",
        ),
    ),
    rule(
        "gtid_off_on_replica",
        "gtid_mode",
        gtid_off_on_replica,
        (
            "enable it step by step: OFF_PERMISSIVE, ON_PERMISSIVE, ON",
            "dynamic, one step at a time on every server",
            "none",
        ),
    ),
    rule(
        "replica_errors_skipped",
        "replica_skip_errors",
        replica_errors_skipped,
        (
            "remove replica_skip_errors from the configuration and compare the data",
            RESTART,
            "the applier stops at the next such error",
        ),
    ),
    rule(
        "replica_errors_skipped",
        "replica_exec_mode",
        replica_idempotent,
        (
            "SET GLOBAL replica_exec_mode = STRICT (slave_exec_mode on MariaDB) and compare the data",
            DYNAMIC,
            "the applier stops at the next such error",
        ),
    ),
    rule(
        "replica_one_thread",
        "replica_parallel_workers",
        |view| replica_one_thread(view, "replica_parallel_workers"),
        (
            "STOP REPLICA SQL_THREAD; SET GLOBAL replica_parallel_workers = 4; START REPLICA SQL_THREAD",
            "dynamic after stopping the applier",
            "memory and threads",
        ),
    ),
    rule(
        "replica_one_thread",
        "slave_parallel_threads",
        |view| replica_one_thread(view, "slave_parallel_threads"),
        (
            "STOP SLAVE SQL_THREAD; SET GLOBAL slave_parallel_threads = 4; START SLAVE SQL_THREAD",
            "dynamic after stopping the applier",
            "memory and threads",
        ),
    ),
    rule(
        "replica_order_not_kept",
        "replica_preserve_commit_order",
        replica_order_not_kept,
        (
            "SET GLOBAL replica_preserve_commit_order = ON with the applier stopped",
            "dynamic after stopping the applier",
            "a little less parallel",
        ),
    ),
    rule(
        "semi_sync_waits_long",
        "rpl_semi_sync_source_timeout",
        semi_sync_waits_long,
        (
            "lower rpl_semi_sync_source_timeout (rpl_semi_sync_master_timeout before MySQL 8.0.26 and on MariaDB)",
            DYNAMIC,
            "commits fall back to asynchronous sooner",
        ),
    ),
];

/// MySQL Reference Manual, "The Binary Log". Off is MariaDB's default.
fn binlog_off(view: &View<'_>) -> Option<Breach> {
    let aurora = view.server().vendor == storex_sources::Vendor::Aurora;
    (view.off("log_bin") && view.changed("log_bin") && !aurora).then(|| {
        Breach::info("no replica, and no recovery to a point in time after the last backup")
    })
}

/// MySQL Reference Manual, `binlog_expire_logs_seconds`: 0 disables removal. 0 is MariaDB's default.
fn binlog_never_purged(view: &View<'_>) -> Option<Breach> {
    if !view.on("log_bin") {
        return None;
    }
    let never = view.number("binlog_expire_logs_seconds")? < 1.0
        && view
            .number("expire_logs_days")
            .is_none_or(|days| days <= 0.0);
    let purge_off = view.off("binlog_expire_logs_auto_purge");
    if !never && !purge_off {
        return None;
    }
    let consequence = if purge_off && !never {
        "but binlog_expire_logs_auto_purge is OFF: binary logs are never removed, and fill the disk"
    } else {
        "binary logs are never removed by themselves, and fill the disk unless somebody purges them"
    };
    let by_choice = purge_off || view.changed("binlog_expire_logs_seconds");
    Some(if by_choice {
        Breach::warning(consequence)
    } else {
        Breach::info(consequence)
    })
}

/// MySQL Reference Manual, `binlog_error_action`.
fn binlog_failure_ignored(view: &View<'_>) -> Option<Breach> {
    (view.word("binlog_error_action") == "IGNORE_ERROR").then(|| {
        Breach::warning("when the binary log cannot be written it is closed and the server goes on: replicas miss what follows")
    })
}

/// MySQL Reference Manual, "Determination of Safe and Unsafe Statements in Binary Logging".
fn binlog_statements(view: &View<'_>) -> Option<Breach> {
    (view.on("log_bin") && view.word("binlog_format") == "STATEMENT").then(|| {
        Breach::warning(
            "statements that are not deterministic give other rows on replicas, and writes take more gap locks",
        )
    })
}

/// MySQL Reference Manual, `binlog_row_image`.
fn binlog_rows_partial(view: &View<'_>) -> Option<Breach> {
    (view.on("log_bin") && view.changed("binlog_row_image")).then(|| {
        Breach::info(
            "rows in the binary log are incomplete: no flashback, and change capture may need more",
        )
    })
}

/// MySQL Reference Manual, `binlog_group_commit_sync_delay`: more than 10 ms is felt by every commit.
fn commits_delayed(view: &View<'_>) -> Option<Breach> {
    let delay = view
        .number("binlog_group_commit_sync_delay")
        .filter(|delay| *delay > 0.0)?;
    let consequence = format!("every commit waits {} ms for others to join", delay / 1e3);
    Some(if delay >= 10_000.0 {
        Breach::warning(consequence)
    } else {
        Breach::info(consequence)
    })
}

/// MariaDB Knowledge Base, "Group Commit for the Binary Log": a commit waits until so many have come, or
/// for `binlog_commit_wait_usec`.
fn commits_wait(view: &View<'_>) -> Option<Breach> {
    view.number("binlog_commit_wait_count")
        .filter(|count| *count > 0.0)?;
    let wait_ms = view.number("binlog_commit_wait_usec").unwrap_or(0.0) / 1e3;
    (wait_ms > 0.0).then(|| {
        Breach::warning(format!(
            "commits wait up to {wait_ms} ms for others to join"
        ))
    })
}

/// MySQL Reference Manual, "Replication with Global Transaction Identifiers".
fn gtid_off_on_replica(view: &View<'_>) -> Option<Breach> {
    (view.is_replica() && view.word("gtid_mode") == "OFF")
        .then(|| Breach::info("a failover has to find binary log positions by hand"))
}

/// MySQL Reference Manual, `replica_skip_errors`.
fn replica_errors_skipped(view: &View<'_>) -> Option<Breach> {
    view.changed("replica_skip_errors").then(|| {
        Breach::warning(
            "errors of the applier are passed over: this replica's data drifts silently",
        )
    })
}

/// MySQL Reference Manual, `replica_exec_mode`.
fn replica_idempotent(view: &View<'_>) -> Option<Breach> {
    (view.word("replica_exec_mode") == "IDEMPOTENT").then(|| {
        Breach::warning(
            "missing and doubled rows are passed over: a replica's data drifts silently",
        )
    })
}

/// MySQL Reference Manual, `replica_parallel_workers`; MariaDB Knowledge Base, "Parallel Replication".
fn replica_one_thread(view: &View<'_>, setting: &str) -> Option<Breach> {
    if setting == "replica_parallel_workers" && !view.is_mysql() {
        return None;
    }
    (view.is_replica() && view.number(setting)? < 2.0)
        .then(|| Breach::info("one thread applies what many wrote on the source: lag under load"))
}

/// MySQL Reference Manual, `replica_preserve_commit_order`.
fn replica_order_not_kept(view: &View<'_>) -> Option<Breach> {
    let parallel = view.number("replica_parallel_workers").unwrap_or(0.0) > 1.0;
    (view.is_replica() && parallel && view.off("replica_preserve_commit_order")).then(|| {
        Breach::info("readers of this replica see transactions in an order the source never had")
    })
}

/// A minute of commits standing still. MySQL Reference Manual, "Semisynchronous Replication": the default
/// is 10 s.
fn semi_sync_waits_long(view: &View<'_>) -> Option<Breach> {
    let timeout_ms = view.number("rpl_semi_sync_source_timeout")?;
    (view.on("rpl_semi_sync_source_enabled") && timeout_ms >= 60_000.0)
        .then(|| Breach::warning("when no replica answers, every commit stands still that long"))
}
