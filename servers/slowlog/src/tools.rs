//! The table of this server's tools.

mod errors;
mod explain;
mod files;

use storex_tool::{Domain, row};

/// The slow-log server.
pub static DOMAIN: Domain = Domain {
    name: "slowlog",
    about: "log files, what the error log tells, the plan of a statement and which index would help",
    tools: &[
        row::<explain::Explain>(),
        row::<files::Files>(),
        row::<errors::Errors>(),
    ],
    runbooks: &[],
};
