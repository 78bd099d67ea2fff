//! The committed policy folder: generated schema, cedar tests, format, and the matrix.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cedar_policy::{
    Authorizer as Cedar, Context, Decision, Entities, EntityUid, PolicyId, PolicySet, Request,
    Schema, ValidationMode, Validator,
};
use serde::Deserialize;
use serde_json::Value;
use storex_access::{Authorizer, Principal, ResourceRef, Target, schema};

use crate::support::{at, committed_actions, inventory, policies_dir};

/// One test in the form of `cedar run-tests`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    request: CaseRequest,
    entities: Value,
    decision: String,
    reason: Vec<String>,
    num_errors: usize,
}

#[derive(Deserialize)]
struct CaseRequest {
    principal: String,
    action: String,
    resource: String,
    context: Value,
}

fn committed() -> Authorizer {
    Authorizer::load(&policies_dir(), &committed_actions(), &inventory()).unwrap()
}

fn committed_schema() -> Schema {
    let text = fs::read_to_string(policies_dir().join("schema.cedarschema")).unwrap();
    Schema::from_cedarschema_str(&text).unwrap().0
}

/// The policies under their `@id`, as `cedar --policies` reads them.
fn policy_set() -> PolicySet {
    let text = fs::read_to_string(policies_dir().join("policies.cedar")).unwrap();
    let parsed: PolicySet = text.parse().unwrap();
    let named = parsed
        .policies()
        .map(|policy| policy.new_id(PolicyId::new(policy.annotation("id").unwrap())));
    PolicySet::from_policies(named).unwrap()
}

fn cases() -> Vec<(String, Case)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(policies_dir().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let cases: Vec<Case> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        all.extend(cases.into_iter().map(|case| (file.clone(), case)));
    }
    all
}

#[test]
fn committed_schema_is_what_the_generator_writes() {
    let committed = fs::read_to_string(policies_dir().join("schema.cedarschema")).unwrap();
    assert_eq!(schema(&committed_actions()), committed);
}

#[test]
fn every_action_is_in_the_groups_of_its_effect_and_domain() {
    let schema = committed_schema();
    let groups = schema.action_entities().unwrap();
    let uid = |name: &str| -> EntityUid { format!("Action::\"{name}\"").parse().unwrap() };
    let actions = committed_actions();
    assert!(!actions.is_empty());
    for action in actions {
        for group in [action.effect.as_str(), &action.domain] {
            assert!(
                groups.is_ancestor_of(&uid(group), &uid(&action.name)),
                "{} is not in {group}",
                action.name
            );
        }
    }
}

#[test]
fn policies_are_valid_without_warnings() {
    let found = Validator::new(committed_schema()).validate(&policy_set(), ValidationMode::Strict);
    assert!(found.validation_passed_without_warnings(), "{found}");
}

#[test]
fn policies_are_formatted_as_cedar_format_writes_them() {
    let text = fs::read_to_string(policies_dir().join("policies.cedar")).unwrap();
    let formatted = cedar_policy_formatter::policies_str_to_pretty(
        &text,
        &cedar_policy_formatter::Config::default(),
    )
    .unwrap();
    assert_eq!(text, formatted);
}

#[test]
fn cedar_tests_pass() {
    let (schema, policies) = (committed_schema(), policy_set());
    let cases = cases();
    assert!(cases.len() >= 20);
    for (file, case) in cases {
        let name = format!("{file}: {}", case.name);
        let action: EntityUid = case.request.action.parse().unwrap();
        let context =
            Context::from_json_value(case.request.context, Some((&schema, &action))).unwrap();
        let request = Request::new(
            case.request.principal.parse().unwrap(),
            action,
            case.request.resource.parse().unwrap(),
            context,
            Some(&schema),
        )
        .unwrap_or_else(|error| panic!("{name}: {error}"));
        let entities = Entities::from_json_value(case.entities, Some(&schema))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let response = Cedar::new().is_authorized(&request, &policies, &entities);
        let expected = match case.decision.as_str() {
            "allow" => Decision::Allow,
            "deny" => Decision::Deny,
            other => panic!("{name}: no decision `{other}`"),
        };
        assert_eq!(response.decision(), expected, "{name}");
        let reason: BTreeSet<String> = response
            .diagnostics()
            .reason()
            .map(ToString::to_string)
            .collect();
        for id in &case.reason {
            assert!(reason.contains(id), "{name}: not by {id} but by {reason:?}");
        }
        assert_eq!(
            response.diagnostics().errors().count(),
            case.num_errors,
            "{name}"
        );
    }
}

#[test]
fn every_policy_decides_a_test() {
    let mut undecided: BTreeSet<String> = policy_set()
        .policies()
        .map(|policy| policy.id().to_string())
        .collect();
    for (_, case) in cases() {
        for id in &case.reason {
            undecided.remove(id);
        }
    }
    assert!(undecided.is_empty(), "no test is decided by {undecided:?}");
}

#[test]
fn authorization_matrix_is_as_committed() {
    let authorizer = committed();
    let agent = |id: &str, teams: &[&str]| Principal::agent(id, "ana", teams.iter().copied());
    let roles = [
        ("owner (payments)", Principal::user("ana", ["payments"])),
        (
            "owner with grant for literals",
            Principal::user("piet", ["payments"]),
        ),
        (
            "owner elsewhere (ledger)",
            Principal::user("leo", ["ledger"]),
        ),
        ("administrator eu", Principal::user("dag", ["dba-eu"])),
        ("administrator us", Principal::user("dan", ["dba-us"])),
        ("on call eu", Principal::user("ola", ["sre-eu"])),
        ("in no team", Principal::user("eve", [""; 0])),
        ("agent eu for owner", agent("assistant-eu", &["payments"])),
        ("agent us for owner", agent("assistant-us", &["payments"])),
        (
            "agent with grant for owner",
            agent("pii-assistant-eu", &["payments"]),
        ),
        (
            "agent with grant for owner with grant",
            Principal::agent("pii-assistant-eu", "piet", ["payments"]),
        ),
        (
            "unregistered agent for owner",
            agent("stray", &["payments"]),
        ),
    ];
    let resources = [
        ("own eu production", at("payments-eu")),
        ("own eu staging", at("payments-eu-staging")),
        ("other us production", at("ledger-us")),
        ("own us production", at("payments-us")),
        ("own in unlisted domain", at("payments-new")),
        ("missing", at("no-such-instance")),
        ("fleet", ResourceRef::Fleet),
    ];
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(policies_dir());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("matrix", authorizer.matrix(&roles, &resources)));
}

#[test]
fn lists_agree_with_the_committed_matrix_of_calls() {
    let authorizer = committed();
    let nothing = serde_json::Map::new();
    let callers = [
        Principal::user("ana", ["payments"]),
        Principal::user("dag", ["dba-eu"]),
        Principal::agent("assistant-eu", "ana", ["payments"]),
        Principal::user("eve", [""; 0]),
    ];
    let names: Vec<String> = inventory()
        .into_iter()
        .map(|instance| instance.instance)
        .collect();
    for caller in callers {
        let mut callable = BTreeMap::new();
        let mut visible = BTreeSet::new();
        for action in committed_actions() {
            let on_fleet = action.target == Target::Fleet
                && authorizer
                    .authorize(&caller, &action.name, ResourceRef::Fleet, &nothing)
                    .allow;
            callable.insert(action.name.clone(), on_fleet);
            for name in &names {
                if authorizer
                    .authorize(&caller, &action.name, at(name), &nothing)
                    .allow
                {
                    callable.insert(action.name.clone(), true);
                    visible.insert(name.clone());
                }
            }
        }
        let listed: BTreeSet<String> = authorizer.callable(&caller).into_iter().collect();
        let called: BTreeSet<String> = callable
            .into_iter()
            .filter(|(_, may)| *may)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(listed, called, "{caller:?}");
        let seen: BTreeSet<String> = authorizer
            .visible_instances(&caller)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(seen, visible, "{caller:?}");
    }
}
