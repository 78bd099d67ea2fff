//! What holds for every row of every table of tools, and for the code around them.

mod architecture;
mod probes;
mod reachable;
mod specs;
mod wire;

use storex_integration_tests::probes;
use storex_tool::{Domain, Row, Spec};

/// Every row of every domain this program mounts, with its domain.
fn rows() -> impl Iterator<Item = (&'static Domain, &'static Row)> {
    let of = |domain: &'static Domain| domain.tools.iter().map(move |row| (domain, row));
    storex::DOMAINS.iter().copied().flat_map(of)
}

/// Every declaration.
fn specs() -> impl Iterator<Item = &'static Spec> {
    rows().map(|(_, row)| row.spec)
}
