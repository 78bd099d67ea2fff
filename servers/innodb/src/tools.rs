//! The table of this server's tools.

mod deadlocks;
mod config;
mod gather;
mod lock_waits;
mod schema;
mod pressure;
mod replication;
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
        row::<status::Status>(),
        row::<schema::Schema>(),
        row::<deadlocks::Deadlocks>(),
        row::<pressure::Pressure>(),
        row::<config::Config>(),
        row::<replication::Replication>(),
    ],
    runbooks: &[],
};
