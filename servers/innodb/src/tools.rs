//! The table of this server's tools.

mod config;
mod deadlocks;
mod gather;
mod lock_waits;
mod pressure;
mod replication;
mod schema;
mod status;
mod transactions;

pub use self::schema::recorded_reads;

use storex_tool::{Domain, row};

/// The InnoDB server.
pub static DOMAIN: Domain = Domain {
    name: "innodb",
    about: "who waits for whom, open transactions, deadlocks, what presses on the server, the InnoDB \
            monitor, replication, tables and indexes, settings",
    tools: &[
        row::<lock_waits::LockWaits>(),
        row::<transactions::Transactions>(),
        row::<deadlocks::Deadlocks>(),
        row::<pressure::Pressure>(),
        row::<status::Status>(),
        row::<replication::Replication>(),
        row::<schema::Schema>(),
        row::<config::Config>(),
    ],
    runbooks: &[],
};
