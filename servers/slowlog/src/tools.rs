//! The table of this server's tools.

mod compare;
mod explain;
mod query;
mod shown;
mod top;

use storex_tool::{Domain, row};

/// The slow-log server.
pub static DOMAIN: Domain = Domain {
    name: "slowlog",
    about: "which statements of the slow log cost most, what is wrong with them, their plans, and which index \
            would help",
    tools: &[
        row::<top::Top>(),
        row::<compare::Compare>(),
        row::<query::Query>(),
        row::<explain::Explain>(),
    ],
    runbooks: &[],
};
