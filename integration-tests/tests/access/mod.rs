//! Who may do what, tried through the whole stack.

mod agents;
mod agreement;
mod audit;
mod full_disk;
mod hidden;
mod pair;
mod reload;

use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_tool::{Credential, Effect, Row};

use crate::callers::person;

/// Every tool this program mounts.
fn rows() -> impl Iterator<Item = &'static Row> {
    storex::DOMAINS.iter().flat_map(|domain| domain.tools)
}

/// Someone of `payments` who may call the tool where the team may: with the grant for what is sensitive
/// only if the tool is.
fn pia(row: &Row) -> Credential {
    match row.spec.effect {
        Effect::Sensitive => person("pia", &["payments", "pii"]),
        _ => person("pia", &["payments"]),
    }
}

/// A team as policy data writes it.
fn team(name: &str) -> Value {
    json!({ "type": "Team", "id": name })
}

/// A principal or team that is a member of others.
fn member(kind: &str, id: &str, of: &[&str]) -> Value {
    let parents: Vec<Value> = of.iter().map(|name| team(name)).collect();
    json!({ "uid": { "type": kind, "id": id }, "attrs": {}, "parents": parents })
}

/// A regulatory domain with the teams that are cleared, its administrators, and those who may see
/// what is sensitive.
fn domain(name: &str, cleared: &[&str], dba: &[&str], sensitive: &[&str]) -> Value {
    let set = |teams: &[&str]| teams.iter().map(|name| team(name)).collect::<Vec<_>>();
    json!({
        "uid": { "type": "RegulatoryDomain", "id": name },
        "attrs": { "cleared": set(cleared), "dba": set(dba), "on_call": [], "sensitive": set(sensitive) },
        "parents": [],
    })
}

/// Two teams with an instance each, in one domain whose people are cleared; `pii` may see literals.
fn two_teams() -> anyhow::Result<House> {
    let mut house = House::over(&[
        Instance::nowhere("pay").with_fact("owner_team", "payments"),
        Instance::nowhere("led").with_fact("owner_team", "ledger"),
        Instance::nowhere("far")
            .with_fact("regulatory_domain", "us")
            .with_fact("owner_team", "ledger"),
    ])?;
    let staff = ["payments", "ledger", "dba", "agents"];
    house.set_entities(&json!([
        domain("eu", &staff, &["dba"], &["pii"]),
        domain("us", &[], &[], &[]),
        member("Team", "payments", &[]),
        member("Team", "ledger", &[]),
        member("Team", "dba", &[]),
        member("Team", "pii", &[]),
        member("Team", "agents", &[]),
        member("Agent", "helper", &["agents"]),
        member("Agent", "careful-helper", &["agents", "pii"]),
    ]))?;
    Ok(house)
}
