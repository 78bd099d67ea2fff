//! What the tests share: the committed folder, a small inventory and some callers.

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use storex_access::{
    Action, ArgKind, ArgSpec, Authorizer, Effect, PolicyFolder, Principal, Resource, ResourceRef,
    Target, actions_of,
};

pub(crate) fn policies_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

pub(crate) fn folder() -> PolicyFolder {
    PolicyFolder::read(&policies_dir()).unwrap()
}

/// The tools of the committed schema.
pub(crate) fn committed_actions() -> Vec<Action> {
    let text = std::fs::read_to_string(policies_dir().join("schema.cedarschema")).unwrap();
    actions_of(&text).unwrap()
}

fn tool(name: &str, target: Target, args: Vec<ArgSpec>) -> Action {
    Action {
        name: name.to_owned(),
        effect: Effect::Read,
        domain: "sample".to_owned(),
        target,
        args,
    }
}

/// Tools of the tests' own, so that these do not depend on what the product has.
pub(crate) fn actions() -> Vec<Action> {
    let limit = || ArgSpec::new("limit", ArgKind::Long);
    vec![
        tool("sample_status", Target::Instance, vec![limit()]),
        tool(
            "sample_statements",
            Target::Instance,
            vec![limit(), ArgSpec::sensitive("literals")],
        ),
        tool("sample_fleet", Target::Fleet, vec![limit()]),
    ]
}

pub(crate) fn instance(name: &str, owner: &str, domain: &str, environment: &str) -> Resource {
    Resource {
        instance: name.to_owned(),
        cluster: format!("{owner}-main"),
        region: format!("{domain}-west-1"),
        regulatory_domain: domain.to_owned(),
        environment: environment.to_owned(),
        owner_team: owner.to_owned(),
        cloud: "aws".to_owned(),
        engine: "mysql".to_owned(),
        ..Resource::default()
    }
}

pub(crate) fn inventory() -> Vec<Resource> {
    vec![
        instance("payments-eu", "payments", "eu", "production"),
        instance("payments-eu-staging", "payments", "eu", "staging"),
        instance("ledger-us", "ledger", "us", "production"),
        instance("payments-us", "payments", "us", "production"),
        instance("payments-new", "payments", "unlisted", "production"),
    ]
}

pub(crate) fn committed() -> Authorizer {
    Authorizer::load(&policies_dir(), &actions(), &inventory()).unwrap()
}

pub(crate) fn owner() -> Principal {
    Principal::user("ana", ["payments"])
}

pub(crate) fn at(name: &str) -> ResourceRef<'_> {
    ResourceRef::Instance(name)
}

pub(crate) fn none() -> Map<String, Value> {
    Map::new()
}

pub(crate) fn literals() -> Map<String, Value> {
    object(&json!({"literals": true}))
}

pub(crate) fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The message of an error and of everything behind it.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
