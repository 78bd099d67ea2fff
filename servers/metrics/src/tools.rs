//! The table of this server's tools.

mod compare;
mod query;
mod shown;

use storex_tool::{Domain, row};

/// The metrics server.
pub static DOMAIN: Domain = Domain {
    name: "metrics",
    about: "the figures of a server over time, from the metrics store the inventory names, and how they differ",
    tools: &[row::<compare::Compare>(), row::<query::Query>()],
    runbooks: &[],
};
