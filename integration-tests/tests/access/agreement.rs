//! What a caller is shown it may call, and nothing else: for random policy data and callers, through
//! the whole stack.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_tool::{Credential, Target};

use super::{domain, member, rows};
use crate::callers::{agent, call, code, least, listed, person};

const TEAMS: [&str; 3] = ["red", "green", "blue"];
const INSTANCES: [(&str, &str, &str); 4] = [
    ("a", "red", "eu"),
    ("b", "green", "eu"),
    ("c", "red", "us"),
    ("d", "blue", "us"),
];

/// Who is in which team, what a domain lets in, and which policies are missing.
#[derive(Debug, Clone)]
struct World {
    cleared: Vec<Vec<bool>>,
    dba: Vec<Vec<bool>>,
    nested: Option<(usize, usize)>,
    agent_teams: Vec<bool>,
    without: Vec<usize>,
}

fn world() -> impl Strategy<Value = World> {
    let set = || prop::collection::vec(any::<bool>(), TEAMS.len());
    let sets = || prop::collection::vec(set(), 2);
    let nested = prop::option::of((0..TEAMS.len(), 0..TEAMS.len()));
    let without = prop::collection::vec(0..8_usize, 0..2);
    (sets(), sets(), nested, set(), without).prop_map(
        |(cleared, dba, nested, agent_teams, without)| World {
            cleared,
            dba,
            nested: nested.filter(|(inner, outer)| inner != outer),
            agent_teams,
            without,
        },
    )
}

fn chosen(flags: &[bool]) -> Vec<&'static str> {
    TEAMS
        .iter()
        .zip(flags)
        .filter(|(_, on)| **on)
        .map(|(team, _)| *team)
        .collect()
}

impl World {
    fn entities(&self) -> Value {
        let mut entities = vec![member("Team", "agents", &[])];
        for (index, name) in ["eu", "us"].into_iter().enumerate() {
            let mut cleared = chosen(&self.cleared[index]);
            cleared.push("agents");
            entities.push(domain(name, &cleared, &chosen(&self.dba[index]), &[]));
        }
        for (index, name) in TEAMS.into_iter().enumerate() {
            let outer = self.nested.filter(|(inner, _)| *inner == index);
            let parents: Vec<&str> = outer.map(|(_, outer)| TEAMS[outer]).into_iter().collect();
            entities.push(member("Team", name, &parents));
        }
        let mut teams = chosen(&self.agent_teams);
        teams.push("agents");
        entities.push(member("Agent", "helper", &teams));
        Value::Array(entities)
    }

    /// The repository's policies without some of them, so that odd combinations stand too.
    fn policies(&self, all: &str) -> String {
        let parts: Vec<&str> = all.split_inclusive(";\n").collect();
        let kept = parts
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.without.contains(index));
        kept.map(|(_, part)| *part).collect()
    }
}

fn callers() -> Vec<Credential> {
    let mut callers = vec![person("p", &[]), agent("stray", "p", &["red"])];
    for teams in [&["red"][..], &["green"], &["red", "blue"], &["dba"]] {
        callers.push(person("p", teams));
        callers.push(agent("helper", "p", teams));
    }
    callers
}

/// Whether policy let a call pass: what came of it then does not matter here.
fn passed(code: &str) -> bool {
    !["denied", "not_found", "unknown_tool"].contains(&code)
}

/// The tools and the instances a caller could call something on, found by trying all of them.
async fn tried(house: &House, who: &Credential) -> (BTreeSet<&'static str>, BTreeSet<String>) {
    let (mut tools, mut instances) = (BTreeSet::new(), BTreeSet::new());
    for row in rows() {
        if row.spec.target == Target::Fleet {
            let outcome = call(house, who.clone(), row.spec.name, least(row, "")).await;
            if passed(code(&outcome)) {
                tools.insert(row.spec.name);
            }
            continue;
        }
        for (name, ..) in INSTANCES {
            let outcome = call(house, who.clone(), row.spec.name, least(row, name)).await;
            if passed(code(&outcome)) {
                tools.insert(row.spec.name);
                instances.insert(name.to_owned());
            }
        }
    }
    (tools, instances)
}

async fn agrees(house: &House) -> Result<(), TestCaseError> {
    for who in callers() {
        let (tools, instances) = tried(house, &who).await;
        let shown: BTreeSet<&str> = listed(house, &who).await.into_iter().collect();
        prop_assert_eq!(&shown, &tools, "{:?}", who);
        let Ok(fleet) = call(
            house,
            who.clone(),
            "fleet_instances",
            json!({ "limit": 500 }),
        )
        .await
        else {
            continue;
        };
        let seen = fleet.structured["instances"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let seen: BTreeSet<String> = seen
            .iter()
            .filter_map(|one| one["name"].as_str())
            .map(str::to_owned)
            .collect();
        prop_assert_eq!(seen, instances, "{:?}", who);
    }
    Ok(())
}

#[test]
fn whatever_the_policies_lists_agree_with_calls() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let instances: Vec<Instance> = INSTANCES
        .iter()
        .map(|(name, team, domain)| {
            Instance::nowhere(name)
                .with_fact("owner_team", team)
                .with_fact("regulatory_domain", domain)
        })
        .collect();
    let limits = "[limits]\nburst_per_principal = 1000000\ncalls_per_principal_per_s = 1000000\n";
    let house = runtime
        .block_on(async { House::build(&instances, limits) })
        .unwrap();
    let path = house.folder().join("policies/policies.cedar");
    let all = std::fs::read_to_string(&path).unwrap();
    let house = std::cell::RefCell::new(house);
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&world(), |world| {
            std::fs::write(&path, world.policies(&all)).unwrap();
            let generation = house.borrow().server.runtime().access.generation();
            house.borrow_mut().set_entities(&world.entities()).unwrap();
            let after = house.borrow().server.runtime().access.generation();
            prop_assume!(after > generation);
            runtime.block_on(agrees(&house.borrow()))
        })
        .unwrap();
}
