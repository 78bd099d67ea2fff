//! The table of this server's tools.

mod config;
mod deadlocks;
mod gather;
mod lock_waits;
mod schema;
mod status;
mod transactions;

pub use self::schema::recorded_reads;

use storex_tool::{Domain, row};

/// The InnoDB server.
pub static DOMAIN: Domain = Domain {
    name: "innodb",
    about: "who waits for whom, which transactions are open and what they hold, deadlocks explained, \
            and the InnoDB monitor read for you",
    tools: &[
        row::<lock_waits::LockWaits>(),
        row::<transactions::Transactions>(),
        row::<deadlocks::Deadlocks>(),
        row::<pressure::Pressure>(),
        row::<status::Status>(),
        row::<schema::Schema>(),
    ],
    runbooks: &[],
};
