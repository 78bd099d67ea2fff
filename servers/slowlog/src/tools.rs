//! The table of this server's tools.

mod compare;
mod errors;
mod explain;
mod files;
mod query;
mod shown;
mod top;

use storex_tool::{Domain, row};

/// The slow-log server.
pub static DOMAIN: Domain = Domain {
    name: "slowlog",
    about: "which statements of the slow log cost most, what is wrong with them, their plans and the index that \
            would help; log files, and what the error log tells",
    tools: &[
        row::<files::Files>(),
        row::<top::Top>(),
        row::<compare::Compare>(),
        row::<query::Query>(),
        row::<explain::Explain>(),
        row::<errors::Errors>(),
    ],
    runbooks: &[],
};
