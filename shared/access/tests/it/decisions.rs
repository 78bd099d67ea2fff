//! What callers are told, and what they cannot find out.

use std::sync::Arc;

use serde_json::json;
use storex_access::{
    Action, ArgKind, ArgSpec, Authorizer, Because, Effect, Level, PolicyFolder, Principal,
    ResourceRef, Target, Transport,
};

use crate::support::{
    actions, at, committed, folder, instance, inventory, literals, none, object, owner,
};

fn agent_of_owner(agent: &str) -> Principal {
    Principal::agent(agent, "ana", ["payments"])
}

#[test]
fn owner_may_read_its_instance() {
    let decision = committed().authorize(&owner(), "sample_status", at("payments-eu"), &none());
    assert!(decision.allow);
    assert_eq!(decision.policies, ["owner-reads"]);
    assert_eq!(decision.level, None);
}

#[test]
fn denied_caller_cannot_tell_hidden_from_missing() {
    let authorizer = committed();
    for caller in [
        owner(),
        Principal::user("eve", [""; 0]),
        agent_of_owner("assistant-us"),
    ] {
        for arguments in [none(), literals()] {
            let ask = |name| {
                let decision =
                    authorizer.authorize(&caller, "sample_statements", at(name), &arguments);
                (decision.allow, decision.level)
            };
            assert_eq!(ask("ledger-us"), ask("no-such-instance"), "{caller:?}");
            assert!(!ask("ledger-us").0);
        }
    }
}

#[test]
fn unknown_tool_and_wrong_kind_of_resource_are_denied() {
    let authorizer = committed();
    for (tool, resource) in [
        ("no_such_tool", at("payments-eu")),
        ("sample_status", ResourceRef::Fleet),
        ("sample_fleet", at("payments-eu")),
    ] {
        let decision = authorizer.authorize(&owner(), tool, resource, &none());
        assert!(!decision.allow, "{tool}");
        assert_eq!(decision.errors.len(), 1, "{tool}");
        assert_eq!(decision.level, None, "{tool}");
    }
}

#[test]
fn agent_needs_its_own_grant_and_its_users() {
    let authorizer = committed();
    let ask =
        |caller: &Principal, name| authorizer.authorize(caller, "sample_status", at(name), &none());
    let both = ask(&agent_of_owner("assistant-eu"), "payments-eu");
    assert!(both.allow);
    assert_eq!(both.policies, ["agents-read", "owner-reads"]);
    // The user may and the agent may not.
    let agent_lacks = ask(&agent_of_owner("assistant-us"), "payments-eu");
    assert!(!agent_lacks.allow);
    assert_eq!(agent_lacks.policies, ["domain-isolation"]);
    assert!(!ask(&agent_of_owner("stray"), "payments-eu").allow);
    // The agent may and the user may not.
    let stranger = Principal::agent("assistant-eu", "eve", ["sre-eu"]);
    assert!(!ask(&stranger, "payments-eu-staging").allow);
    assert!(ask(&stranger, "payments-eu").allow);
}

#[test]
fn teams_a_token_claims_for_the_user_do_not_become_the_agents() {
    let caller = Principal::agent("stray", "ana", ["payments", "agents-eu", "agents"]);
    let decision = committed().authorize(&caller, "sample_status", at("payments-eu"), &none());
    assert!(!decision.allow);
}

#[test]
fn sensitive_argument_needs_the_sensitive_grant() {
    let authorizer = committed();
    let ask = |caller: &Principal| {
        authorizer.authorize(caller, "sample_statements", at("payments-eu"), &literals())
    };
    let refused = ask(&owner());
    assert!(!refused.allow);
    assert_eq!(refused.policies, ["sensitive-needs-grant"]);
    assert_eq!(refused.level, Some(Level::Arguments));
    // The entity file puts piet into the group with the grant, on top of the teams of his token.
    assert!(ask(&Principal::user("piet", ["payments"])).allow);
    assert!(!ask(&Principal::agent("assistant-eu", "piet", ["payments"])).allow);
    assert!(ask(&Principal::agent("pii-assistant-eu", "piet", ["payments"])).allow);
}

#[test]
fn level_is_told_only_where_it_reveals_nothing() {
    let authorizer = restricted();
    let level = |caller: &Principal, tool, resource| {
        authorizer.authorize(caller, tool, resource, &none()).level
    };
    let reader = Principal::user("rob", ["readers"]);
    // Sees a, may describe it, may not read its status anywhere.
    assert_eq!(level(&reader, "t_nowhere", at("a")), Some(Level::Rpc));
    // Sees both, may read the status of a only.
    assert_eq!(level(&reader, "t_status", at("b")), Some(Level::Resource));
    assert_eq!(level(&reader, "t_status", at("hidden")), None);
    assert_eq!(level(&reader, "t_status", at("missing")), None);
    assert_eq!(
        level(&reader, "t_fleet", ResourceRef::Fleet),
        Some(Level::Rpc)
    );
    let nobody = Principal::user("nob", [""; 0]);
    assert_eq!(level(&nobody, "t_status", at("a")), Some(Level::Team));
    assert_eq!(level(&nobody, "t_status", at("missing")), Some(Level::Team));
}

/// Readers describe a and b, and read the status of a.
fn restricted() -> Authorizer {
    let tool = |name: &str, target| Action {
        name: name.to_owned(),
        effect: Effect::Read,
        domain: "t".to_owned(),
        target,
        args: vec![ArgSpec::new("limit", ArgKind::Long)],
    };
    let tools = [
        tool("t_describe", Target::Instance),
        tool("t_status", Target::Instance),
        tool("t_nowhere", Target::Instance),
        tool("t_fleet", Target::Fleet),
    ];
    let policies = r#"
        @id("describe") permit (principal in Team::"readers", action == Action::"t_describe", resource)
        when { resource.environment == "production" };
        @id("status") permit (principal in Team::"readers", action == Action::"t_status", resource == Instance::"a");
    "#;
    let inventory = [
        instance("a", "x", "eu", "production"),
        instance("b", "x", "eu", "production"),
        instance("hidden", "x", "eu", "staging"),
    ];
    Authorizer::new(PolicyFolder::from_text(policies, &[]), &tools, &inventory).unwrap()
}

#[test]
fn policy_may_name_one_instance_among_equals() {
    let authorizer = restricted();
    let reader = Principal::user("rob", ["readers"]);
    let ask = |name| {
        authorizer
            .authorize(&reader, "t_status", at(name), &none())
            .allow
    };
    assert!(ask("a"));
    assert!(!ask("b"));
    assert_eq!(authorizer.callable(&reader), ["t_describe", "t_status"]);
    let visible = authorizer.visible_instances(&reader);
    assert_eq!(visible, [Arc::from("a"), Arc::from("b")]);
}

#[test]
fn argument_of_the_wrong_type_is_denied() {
    let authorizer = committed();
    for (arguments, allow) in [
        (json!({"limit": 10}), true),
        (json!({"limit": null}), true),
        (json!({"unknown": {"to": "policies"}}), true),
        (json!({"limit": "10"}), false),
        (json!({"limit": 1.5}), false),
        (json!({"limit": 18_446_744_073_709_551_615_u64}), true),
        (json!({"limit": 1e300}), false),
        (json!({"literals": "true"}), false),
    ] {
        let arguments = object(&arguments);
        let decision =
            authorizer.authorize(&owner(), "sample_statements", at("payments-eu"), &arguments);
        assert_eq!(decision.allow, allow, "{arguments:?}");
        assert_eq!(decision.errors.is_empty(), allow, "{arguments:?}");
    }
}

fn one_tool() -> Vec<Action> {
    vec![Action {
        name: "t_read".to_owned(),
        effect: Effect::Read,
        domain: "t".to_owned(),
        target: Target::Instance,
        args: vec![
            ArgSpec::new("limit", ArgKind::Long),
            ArgSpec::new("note", ArgKind::String),
        ],
    }]
}

#[test]
fn forbid_that_fails_refuses_instead_of_being_skipped() {
    let policies = r#"
        @id("all") permit (principal, action, resource);
        @id("not-too-many") forbid (principal, action, resource)
        when { context.args has limit && context.args.limit * 1000 > 5000 };
    "#;
    let inventory = [instance("a", "x", "eu", "production")];
    let authorizer = Authorizer::new(
        PolicyFolder::from_text(policies, &[]),
        &one_tool(),
        &inventory,
    )
    .unwrap();
    let ask = |limit: i64| {
        let arguments = object(&json!({ "limit": limit }));
        authorizer.authorize(&owner(), "t_read", at("a"), &arguments)
    };
    assert!(ask(5).allow);
    assert!(!ask(6).allow);
    let overflow = ask(i64::MAX);
    assert!(!overflow.allow);
    assert_eq!(overflow.policies, ["not-too-many"]);
    assert_eq!(overflow.errors.len(), 1);
}

#[test]
fn tools_that_differ_only_in_effect_are_told_apart() {
    let policies = r#"
        @id("all") permit (principal, action, resource);
        @id("no-secrets") forbid (principal, action, resource) when { context.sensitive };
        @id("no-changes") forbid (principal, action, resource) when { context.mutates };
    "#;
    let tool = |name: &str, effect| Action {
        name: name.to_owned(),
        effect,
        ..one_tool().remove(0)
    };
    let tools = [
        tool("t_read", Effect::Read),
        tool("t_reveal", Effect::Sensitive),
        tool("t_change", Effect::Mutate),
    ];
    let inventory = [instance("a", "x", "eu", "production")];
    let authorizer =
        Authorizer::new(PolicyFolder::from_text(policies, &[]), &tools, &inventory).unwrap();
    assert_eq!(authorizer.callable(&owner()), ["t_read"]);
}

#[test]
fn transport_and_agency_are_seen_by_policies() {
    let policies = r#"
        @id("desk") permit (principal, action, resource) when { context.transport == "stdio" };
        @id("people") permit (principal, action, resource) when { !context.agent };
    "#;
    let inventory = [instance("a", "x", "eu", "production")];
    let authorizer = Authorizer::new(
        PolicyFolder::from_text(policies, &[]),
        &one_tool(),
        &inventory,
    )
    .unwrap();
    let ask = |caller| {
        authorizer
            .authorize(&caller, "t_read", at("a"), &none())
            .allow
    };
    let agent = || Principal::agent("bot", "ana", ["payments"]);
    assert!(ask(owner()));
    assert!(!ask(agent()), "the network is the default door");
    assert!(ask(agent().through(Transport::Stdio)));
}

#[test]
fn long_argument_is_decided_like_a_short_one() {
    let policies = r#"
        @id("marked") permit (principal, action, resource)
        when { context.args has note && context.args.note like "*yes" };
    "#;
    let inventory = [instance("a", "x", "eu", "production")];
    let authorizer = Authorizer::new(
        PolicyFolder::from_text(policies, &[]),
        &one_tool(),
        &inventory,
    )
    .unwrap();
    for (note, allow) in [("yes".to_owned(), true), ("no".to_owned(), false)] {
        for padding in [0, 10_000] {
            let note = format!("{}{note}", "x".repeat(padding));
            let arguments = object(&json!({ "note": note }));
            let decision = authorizer.authorize(&owner(), "t_read", at("a"), &arguments);
            assert_eq!(decision.allow, allow, "{padding}");
        }
    }
}

#[test]
fn templates_grant_by_links() {
    let templates = r#"
        @id("reads") permit (principal in ?principal, action in [Action::"read"], resource in ?resource);
    "#;
    let links = r#"[
        {"template_id": "reads", "link_id": "x-reads-c", "args":
            {"?principal": "Team::\"payments\"", "?resource": "Cluster::\"x-main\""}},
        {"template_id": "reads", "link_id": "x-reads-b", "args":
            {"?principal": "Team::\"payments\"", "?resource": "Instance::\"b\""}}
    ]"#;
    let folder = PolicyFolder::from_text("", &[]).with_templates(templates, links);
    let inventory = [
        instance("a", "x", "eu", "production"),
        instance("b", "y", "eu", "production"),
        instance("c", "y", "eu", "production"),
    ];
    let authorizer = Authorizer::new(folder, &one_tool(), &inventory).unwrap();
    let ask = |name| authorizer.authorize(&owner(), "t_read", at(name), &none());
    assert_eq!(ask("a").policies, ["x-reads-c"]);
    assert_eq!(ask("b").policies, ["x-reads-b"]);
    assert!(!ask("c").allow);
    assert_eq!(
        authorizer.visible_instances(&owner()),
        [Arc::from("a"), Arc::from("b")]
    );
    let explained = authorizer.explain(&owner(), "t_read", at("c"), &none());
    let near: Vec<_> = explained.halves[0]
        .near
        .iter()
        .map(|near| near.because)
        .collect();
    assert_eq!(near, [Because::Resource, Because::Resource]);
}

#[test]
fn invalid_policies_leave_the_old_ones_in_force() {
    let authorizer = committed();
    assert_eq!(authorizer.generation(), 1);
    let invalid = PolicyFolder::from_text("@id(\"x\") permit (principal, action, resoure);", &[]);
    authorizer.reload_policies(invalid).unwrap_err();
    assert_eq!(authorizer.generation(), 1);
    let ask = || authorizer.authorize(&owner(), "sample_status", at("payments-eu"), &none());
    assert!(ask().allow);
    // A change of inventory afterwards still builds on the valid ones.
    authorizer.reload_inventory(&inventory()).unwrap();
    assert!(ask().allow);
}

#[test]
fn reload_takes_effect_at_once_also_for_remembered_decisions() {
    let authorizer = committed();
    let ask = || {
        let decision = authorizer.authorize(&owner(), "sample_status", at("payments-eu"), &none());
        decision.allow
    };
    assert!(ask());
    let closed =
        PolicyFolder::from_text("@id(\"closed\") forbid (principal, action, resource);", &[]);
    assert_eq!(authorizer.reload_policies(closed).unwrap(), 2);
    assert!(!ask());
    assert!(authorizer.callable(&owner()).is_empty());
    assert_eq!(authorizer.reload_policies(folder()).unwrap(), 3);
    assert!(ask());
    let sold = [instance("payments-eu", "ledger", "us", "production")];
    assert_eq!(authorizer.reload_inventory(&sold).unwrap(), 4);
    assert!(!ask());
    assert!(authorizer.visible_instances(&owner()).is_empty());
}

#[test]
fn explanation_names_the_nearest_permits_of_each_half() {
    let authorizer = committed();
    let caller = agent_of_owner("assistant-us");
    let explained = authorizer.explain(&caller, "sample_status", at("payments-eu"), &none());
    insta::assert_snapshot!(explained.to_string(), @r#"
    deny
      Agent::"assistant-us": deny, by domain-isolation
        agents-read: holds, but a forbid overrules it
        dba-reads-domain: its condition does not hold
        on-call-reads-production: its condition does not hold
        owner-reads: its condition does not hold
        everyone-lists-fleet: is about other principals
      User::"ana": allow, by owner-reads
    "#);
    let stray = agent_of_owner("stray");
    let explained = authorizer.explain(&stray, "sample_status", at("payments-eu"), &none());
    let near = explained.halves[0]
        .near
        .iter()
        .find(|near| near.policy == "agents-read");
    assert_eq!(near.unwrap().because, Because::Principal);
    let missing = authorizer.explain(&caller, "sample_status", at("nowhere"), &none());
    insta::assert_snapshot!(missing.to_string(), @r"
    deny
      error: no such instance in the inventory
    ");
}

#[test]
fn a_server_with_fewer_tools_takes_the_folder_of_the_whole_fleet() {
    let ours: Vec<Action> = actions()
        .into_iter()
        .filter(|action| action.name == "sample_status")
        .collect();
    let authorizer = Authorizer::new(folder(), &ours, &inventory()).unwrap();
    assert_eq!(authorizer.callable(&owner()), ["sample_status"]);
    let decision = authorizer.authorize(&owner(), "sample_statements", at("payments-eu"), &none());
    assert!(!decision.allow);
}
