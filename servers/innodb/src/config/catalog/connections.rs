//! Who may connect, how many, and for how long.

use super::{SERVER, Setting, ma, ma_computed, my, my_computed};
use crate::config::kind::Kind;

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "max_connections",
        Kind::Count,
        SERVER,
        "beyond it clients are refused",
        &[my(8, 0, "151"), ma(10, 6, "151")],
    )
    .first(),
    Setting::new(
        "max_user_connections",
        Kind::Count,
        SERVER,
        "the same per account",
        &[my(8, 0, "0"), ma(10, 6, "0")],
    ),
    Setting::new(
        "max_connect_errors",
        Kind::Count,
        SERVER,
        "interrupted connects until a host is blocked",
        &[my(8, 0, "100"), ma(10, 6, "100")],
    ),
    Setting::new(
        "back_log",
        Kind::Count,
        SERVER,
        "connects that may queue",
        &[my_computed(8, 0), ma_computed(10, 6)],
    ),
    Setting::new(
        "thread_cache_size",
        Kind::Count,
        SERVER,
        "threads kept for new connections",
        &[my_computed(8, 0), ma_computed(10, 6)],
    ),
    Setting::new(
        "thread_handling",
        Kind::Word,
        SERVER,
        "a thread per connection, or a pool",
        &[
            my(8, 0, "one-thread-per-connection"),
            ma(10, 6, "one-thread-per-connection"),
        ],
    ),
    Setting::new(
        "thread_pool_size",
        Kind::Count,
        SERVER,
        "groups of the thread pool",
        &[my_computed(8, 0), ma_computed(10, 6)],
    ),
    Setting::new(
        "wait_timeout",
        Kind::Seconds,
        SERVER,
        "when idle sessions are closed",
        &[my(8, 0, "28800"), ma(10, 6, "28800")],
    )
    .first(),
    Setting::new(
        "interactive_timeout",
        Kind::Seconds,
        SERVER,
        "the same for interactive clients",
        &[my(8, 0, "28800"), ma(10, 6, "28800")],
    ),
    Setting::new(
        "connect_timeout",
        Kind::Seconds,
        SERVER,
        "how long a handshake may take",
        &[my(8, 0, "10"), ma(10, 6, "10")],
    ),
    Setting::new(
        "net_read_timeout",
        Kind::Seconds,
        SERVER,
        "how long a client may send nothing",
        &[my(8, 0, "30"), ma(10, 6, "30")],
    ),
    Setting::new(
        "net_write_timeout",
        Kind::Seconds,
        SERVER,
        "how long a client may not take rows",
        &[my(8, 0, "60"), ma(10, 6, "60")],
    ),
    Setting::new(
        "max_allowed_packet",
        Kind::Bytes,
        SERVER,
        "the largest statement or row",
        &[my(8, 0, "67108864"), ma(10, 6, "16777216")],
    ),
    Setting::new(
        "max_execution_time",
        Kind::Millis,
        SERVER,
        "SELECTs are ended after it",
        &[my(8, 0, "0")],
    ),
    Setting::new(
        "max_statement_time",
        Kind::Seconds,
        SERVER,
        "statements are ended after it",
        &[ma(10, 6, "0")],
    ),
    Setting::new(
        "skip_name_resolve",
        Kind::Switch,
        SERVER,
        "connects do not wait for DNS",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "max_prepared_stmt_count",
        Kind::Count,
        SERVER,
        "prepared statements at once",
        &[my(8, 0, "16382"), ma(10, 6, "16382")],
    ),
];
