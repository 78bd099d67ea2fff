//! Locks, isolation, and how long is waited.

use super::{INNODB, SERVER, Setting, ma, my};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "transaction_isolation",
        Kind::Word,
        SERVER,
        "what transactions see of each other, and what they lock",
        &[my(8, 0, "REPEATABLE-READ"), ma(10, 6, "REPEATABLE-READ")],
    )
    .also(&["tx_isolation"])
    .first(),
    Setting::new(
        "autocommit",
        Kind::Switch,
        SERVER,
        "without it every session holds a transaction until it commits",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    )
    .first(),
    Setting::new(
        "innodb_lock_wait_timeout",
        Kind::Seconds,
        INNODB,
        "how long a row lock is waited for",
        &[my(8, 0, "50"), ma(10, 6, "50")],
    )
    .first(),
    Setting::new(
        "lock_wait_timeout",
        Kind::Seconds,
        SERVER,
        "how long a metadata lock is waited for",
        &[my(8, 0, "31536000"), ma(10, 6, "86400")],
    ),
    Setting::new(
        "innodb_deadlock_detect",
        Kind::Switch,
        INNODB,
        "without it deadlocks last until the time-out",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    )
    .first(),
    Setting::new(
        "innodb_rollback_on_timeout",
        Kind::Switch,
        INNODB,
        "a time-out rolls back the whole transaction",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "innodb_autoinc_lock_mode",
        Kind::Count,
        INNODB,
        "0 and 1 lock the table's counter for whole statements",
        &[my(8, 0, "2"), ma(10, 6, "1")],
    ),
    Setting::new(
        "innodb_snapshot_isolation",
        Kind::Switch,
        INNODB,
        "a write to a row changed since the snapshot fails",
        &[ma(10, 6, "OFF"), ma(11, 6, "ON")],
    ),
    Setting::new(
        "idle_transaction_timeout",
        Kind::Seconds,
        SERVER,
        "ends sessions idle in a transaction",
        &[ma(10, 6, "0")],
    ),
    Setting::new(
        "completion_type",
        Kind::Word,
        SERVER,
        "what COMMIT does besides",
        &[my(8, 0, "NO_CHAIN"), ma(10, 6, "NO_CHAIN")],
    ),
    Setting::new(
        "transaction_read_only",
        Kind::Switch,
        SERVER,
        "sessions cannot write",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    )
    .also(&["tx_read_only"]),
];
