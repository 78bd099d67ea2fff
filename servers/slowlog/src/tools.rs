//! The table of this server's tools.

mod explain;

use storex_tool::{Domain, row};

/// The slow-log server.
pub static DOMAIN: Domain = Domain {
    name: "slowlog",
    about: "the plan of a statement, what is wrong with it, and which index would help",
    tools: &[row::<explain::Explain>()],
    runbooks: &[],
};
