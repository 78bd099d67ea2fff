//! The table of this server's tools.

mod query;
mod shown;

use storex_tool::{Domain, row};

/// The metrics server.
pub static DOMAIN: Domain = Domain {
    name: "metrics",
    about: "the figures of a server over time, from the metrics store the inventory names",
    tools: &[row::<query::Query>()],
    runbooks: &[],
};
