//! A tool that compares two instances: policy decides on both, the log records both.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer, Options};

use super::{domain, member};
use crate::callers::{call, code, person};
use crate::odd_tools::DOMAIN;

/// Two instances of `payments` on one server, one of `ledger` on it too.
async fn house() -> Result<(MySqlServer, House)> {
    let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
    let of = |name: &str, team: &str| Instance::of(name, &server).with_fact("owner_team", team);
    let instances = [
        of("mine", "payments"),
        of("sibling", "payments"),
        of("theirs", "ledger"),
    ];
    let mut house = House::of(&instances, "", &[&DOMAIN])?;
    house.set_entities(&json!([
        domain("eu", &["payments", "ledger"], &[], &[]),
        member("Team", "payments", &[]),
        member("Team", "ledger", &[]),
    ]))?;
    Ok((server, house))
}

fn pair(instance: &str, other: &str) -> Value {
    json!({ "instance": instance, "compare_to": other })
}

#[tokio::test]
async fn both_instances_are_read_and_both_are_recorded() -> Result<()> {
    let (server, house) = house().await?;
    let pia = person("pia", &["payments"]);
    let reply = call(&house, pia.clone(), "odd_pair", pair("mine", "sibling")).await?;
    assert_eq!(reply.structured["other"], "sibling", "{}", reply.text);
    assert_eq!(reply.structured["coverage"]["answered"], 2);
    let audit = house.audit_text()?;
    for instance in ["\"mine\"", "\"sibling\""] {
        assert!(audit.contains(instance), "{instance} is not in {audit}");
    }
    let alone = call(&house, pia, "odd_pair", json!({ "instance": "mine" })).await?;
    assert_eq!(alone.structured["other"], Value::Null, "{}", alone.text);
    server.stop().await
}

#[tokio::test]
async fn a_hidden_second_instance_is_told_from_a_missing_one_by_nothing() -> Result<()> {
    let (server, house) = house().await?;
    let pia = person("pia", &["payments"]);
    let mut told = Vec::new();
    for other in ["theirs", "nope"] {
        let reply = call(&house, pia.clone(), "odd_pair", pair("mine", other)).await?;
        assert!(reply.text.contains("`compare_to`"), "{}", reply.text);
        told.push(reply.structured.clone());
    }
    assert_eq!(told[0], told[1]);
    // And when the first is refused, nothing is told of the second.
    let mut told = Vec::new();
    for other in ["mine", "theirs", "nope"] {
        let outcome = call(&house, pia.clone(), "odd_pair", pair("theirs", other)).await;
        assert_eq!(code(&outcome), "not_found");
        told.push(outcome?.structured.clone());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    server.stop().await
}
