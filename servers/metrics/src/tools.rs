//! The table of this server's tools.

mod anomalies;
mod chart;
mod compare;
mod correlate;
mod overview;
mod query;
mod shown;

use storex_tool::{Domain, row};

/// The metrics server.
pub static DOMAIN: Domain = Domain {
    name: "metrics",
    about: "the figures of a server over time, from the metrics store the inventory names: what is unusual, since \
            when, and what differs",
    tools: &[
        row::<overview::Overview>(),
        row::<anomalies::Anomalies>(),
        row::<compare::Compare>(),
        row::<correlate::Correlate>(),
        row::<chart::MetricsChart>(),
        row::<query::Query>(),
    ],
    runbooks: &[],
};
