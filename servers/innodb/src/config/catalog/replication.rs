//! Applying another server's changes.

use super::{REPLICA, Setting, ma, my};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "replica_parallel_workers",
        Kind::Count,
        REPLICA,
        "threads that apply changes",
        &[my(8, 0, "4")],
    )
    .also(&["slave_parallel_workers"])
    .first(),
    Setting::new(
        "slave_parallel_threads",
        Kind::Count,
        REPLICA,
        "threads that apply changes",
        &[ma(10, 6, "0")],
    )
    .first(),
    Setting::new(
        "slave_parallel_mode",
        Kind::Word,
        REPLICA,
        "what may be applied side by side",
        &[ma(10, 6, "optimistic")],
    ),
    Setting::new(
        "replica_parallel_type",
        Kind::Word,
        REPLICA,
        "what may be applied side by side",
        &[my(8, 0, "LOGICAL_CLOCK")],
    )
    .also(&["slave_parallel_type"]),
    Setting::new(
        "replica_preserve_commit_order",
        Kind::Switch,
        REPLICA,
        "commits in the source's order",
        &[my(8, 0, "ON")],
    )
    .also(&["slave_preserve_commit_order"]),
    Setting::new(
        "replica_skip_errors",
        Kind::Word,
        REPLICA,
        "errors that are passed over silently",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    )
    .also(&["slave_skip_errors"])
    .first(),
    Setting::new(
        "replica_exec_mode",
        Kind::Word,
        REPLICA,
        "IDEMPOTENT passes over missing and doubled rows",
        &[my(8, 0, "STRICT"), ma(10, 6, "STRICT")],
    )
    .also(&["slave_exec_mode"])
    .first(),
    Setting::new(
        "replica_net_timeout",
        Kind::Seconds,
        REPLICA,
        "when a silent source is given up",
        &[my(8, 0, "60"), ma(10, 6, "60")],
    )
    .also(&["slave_net_timeout"]),
    Setting::new(
        "replica_transaction_retries",
        Kind::Count,
        REPLICA,
        "tries of a transaction that met a lock",
        &[my(8, 0, "10"), ma(10, 6, "10")],
    )
    .also(&["slave_transaction_retries"]),
    Setting::new(
        "relay_log_recovery",
        Kind::Switch,
        REPLICA,
        "fetches the relay log again after a crash",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "relay_log_space_limit",
        Kind::Bytes,
        REPLICA,
        "stops fetching beyond it",
        &[my(8, 0, "0"), ma(10, 6, "0")],
    ),
    Setting::new(
        "sync_relay_log",
        Kind::Count,
        REPLICA,
        "events between flushes of the relay log",
        &[my(8, 0, "10000"), ma(10, 6, "10000")],
    ),
    Setting::new(
        "rpl_semi_sync_source_enabled",
        Kind::Switch,
        REPLICA,
        "commits wait for a replica",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    )
    .also(&["rpl_semi_sync_master_enabled"]),
    Setting::new(
        "rpl_semi_sync_source_timeout",
        Kind::Millis,
        REPLICA,
        "how long they wait before going on without",
        &[my(8, 0, "10000"), ma(10, 6, "10000")],
    )
    .also(&["rpl_semi_sync_master_timeout"]),
];
