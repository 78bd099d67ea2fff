//! Lists agree with calls, and calls with Cedar itself: over random policies, callers and instances
//! every answer is compared with plain loops over the whole policy set and all entities.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex};

use cedar_policy::{
    AuthorizationError, Authorizer as Cedar, Context, Decision, Effect as PolicyEffect, Entities,
    PolicyId, PolicySet, Request, Schema, ValidationMode, Validator,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value, json};
use storex_access::{
    Action, ArgKind, ArgSpec, Authorizer, Effect, Kind, PolicyFolder, Principal, Resource,
    ResourceRef, Target, Transport, schema,
};

use crate::support::object;

const TEAMS: [&str; 5] = ["t0", "t1", "t2", "t3", "t4"];
const DOMAINS: [&str; 3] = ["d0", "d1", "unlisted"];

static TOOLS: LazyLock<Vec<Action>> = LazyLock::new(|| {
    let tool = |name: &str, domain: &str, effect, target| Action {
        name: name.to_owned(),
        effect,
        domain: domain.to_owned(),
        target,
        args: vec![
            ArgSpec::new("limit", ArgKind::Long),
            ArgSpec::sensitive("raw"),
        ],
    };
    vec![
        tool("a_one", "a", Effect::Read, Target::Instance),
        tool("a_two", "a", Effect::Read, Target::Instance),
        tool("b_one", "b", Effect::Read, Target::Instance),
        tool("b_raw", "b", Effect::Sensitive, Target::Instance),
        tool("b_set", "b", Effect::Mutate, Target::Instance),
        tool("f_list", "f", Effect::Read, Target::Fleet),
    ]
});

static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::from_cedarschema_str(&schema(&TOOLS)).unwrap().0);

/// A random world, in the form both sides read.
#[derive(Debug, Clone)]
struct World {
    policies: String,
    links: Value,
    entities: Vec<Value>,
    inventory: Vec<Resource>,
    callers: Vec<Principal>,
}

const TEMPLATE: &str = r#"
@id("linked")
permit (principal in ?principal, action in [Action::"read"], resource in ?resource);
"#;

fn policy() -> impl Strategy<Value = String> {
    let principal = select(vec![
        "principal",
        "principal",
        "principal in Team::\"t0\"",
        "principal in Team::\"t3\"",
        "principal is User",
        "principal is Agent in Team::\"t1\"",
        "principal == User::\"u1\"",
    ]);
    let action = select(vec![
        "action",
        "action == Action::\"a_one\"",
        "action in [Action::\"read\", Action::\"mutate\"]",
        "action in [Action::\"b\", Action::\"f\"]",
        "action in [Action::\"sensitive\", Action::\"f_list\"]",
    ]);
    let resource = select(vec![
        "resource",
        "resource is Instance",
        "resource is Instance",
        "resource is Fleet",
        "resource == Instance::\"i1\"",
        "resource in Cluster::\"c1\"",
        "resource is Instance in Region::\"r0\"",
        "resource in RegulatoryDomain::\"d1\"",
    ]);
    let atom = select(vec![
        "resource is Instance && principal in resource.owner",
        "resource is Instance && principal in resource.regulatory_domain.cleared",
        "resource is Instance && principal in resource.regulatory_domain.dba",
        "resource is Instance && resource.environment == \"production\"",
        "resource is Instance && resource.cluster == Cluster::\"c0\"",
        "resource is Instance && resource.cloud like \"a*\"",
        "resource is Instance && resource.owner in Team::\"t0\"",
        "resource is Instance && resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"gold\"",
        "resource == Instance::\"i2\"",
        "context.sensitive",
        "context.agent",
        "context.transport == \"stdio\"",
        "context.args has raw && context.args.raw",
        "context.args has limit && context.args.limit * 4611686018427387904 > 5",
        "principal is Agent && principal has user && principal.user in Team::\"t2\"",
        "action in Action::\"a\"",
        "principal == User::\"u0\"",
    ]);
    let condition = prop_oneof![
        1 => Just(String::new()),
        4 => (select(vec!["when", "unless"]), atom.clone())
            .prop_map(|(word, atom)| format!("{word} {{ {atom} }}")),
        2 => (atom.clone(), select(vec!["&&", "||"]), atom)
            .prop_map(|(a, op, b)| format!("when {{ ({a}) {op} !({b}) }}")),
    ];
    let effect = select(vec!["permit", "permit", "permit", "forbid"]);
    (effect, principal, action, resource, condition).prop_map(
        |(effect, principal, action, resource, condition)| {
            format!("{effect} ({principal}, {action}, {resource}) {condition};\n")
        },
    )
}

/// Whether the load would take it: no policy that can never apply.
fn valid(text: &str) -> bool {
    static KNOWN: LazyLock<Mutex<HashMap<String, bool>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    *known.entry(text.to_owned()).or_insert_with(|| {
        let set: PolicySet = text.parse().unwrap();
        Validator::new(SCHEMA.clone())
            .validate_with_level(&set, ValidationMode::Strict, 2)
            .validation_passed_without_warnings()
    })
}

fn policies() -> impl Strategy<Value = String> {
    prop::collection::vec(policy(), 1..8).prop_map(|policies| {
        let valid = policies.into_iter().filter(|policy| valid(policy));
        let mut text = String::from(
            "@id(\"base\") permit (principal == User::\"nobody\", action, resource);\n",
        );
        for (index, policy) in valid.enumerate() {
            writeln!(text, "@id(\"p{index}\") {policy}").unwrap();
        }
        text
    })
}

fn links() -> impl Strategy<Value = Value> {
    let resource = select(vec![
        "Cluster::\"c1\"",
        "Instance::\"i3\"",
        "Region::\"r1\"",
    ]);
    prop::option::of((select(&TEAMS[..]), resource)).prop_map(|link| match link {
        None => json!([]),
        Some((team, resource)) => json!([{
            "template_id": "linked", "link_id": "link",
            "args": {"?principal": format!("Team::\"{team}\""), "?resource": resource},
        }]),
    })
}

fn teams() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(TEAMS.to_vec(), 0..4)
}

fn entities() -> impl Strategy<Value = Vec<Value>> {
    let refs = |teams: Vec<&str>| -> Value {
        teams
            .into_iter()
            .map(|team| json!({"type": "Team", "id": team}))
            .collect()
    };
    // A team is only ever in teams of a higher number: no circles.
    let hierarchy = (0..TEAMS.len())
        .map(|index| {
            subsequence(
                TEAMS[index + 1..].to_vec(),
                0..=(TEAMS.len() - index - 1).min(2),
            )
        })
        .collect::<Vec<_>>();
    let grants = prop::collection::vec(teams(), 8);
    let members = prop::collection::vec(teams(), 3);
    (hierarchy, grants, members).prop_map(move |(hierarchy, grants, members)| {
        let mut all = Vec::new();
        for (team, parents) in TEAMS.iter().zip(hierarchy) {
            // The last stays out of the files: known only as somebody's group.
            if *team != "t4" {
                all.push(json!({"uid": {"type": "Team", "id": team}, "attrs": {}, "parents": refs(parents)}));
            }
        }
        for (domain, grants) in DOMAINS.iter().zip(grants.chunks(4)) {
            let set = |index: usize| refs(grants[index].clone());
            all.push(json!({
                "uid": {"type": "RegulatoryDomain", "id": domain},
                "attrs": {"cleared": set(0), "dba": set(1), "on_call": set(2), "sensitive": set(3)},
                "parents": [],
            }));
        }
        let ids = [("User", "u0"), ("Agent", "g0"), ("Agent", "g1")];
        for ((kind, id), groups) in ids.iter().zip(members) {
            all.push(json!({"uid": {"type": kind, "id": id}, "attrs": {}, "parents": refs(groups)}));
        }
        all
    })
}

fn inventory() -> impl Strategy<Value = Vec<Resource>> {
    let one = (
        select(vec!["c0", "c1"]),
        select(vec!["r0", "r1"]),
        select(&DOMAINS[..]),
        select(vec!["production", "staging"]),
        select(&TEAMS[..]),
        select(vec!["aws", "gcp"]),
        prop::option::of(select(vec!["gold", "tin"])),
    );
    prop::collection::vec(one, 0..12).prop_map(|instances| {
        let instances = instances.into_iter().enumerate();
        instances
            .map(
                |(index, (cluster, region, domain, environment, owner, cloud, tier))| Resource {
                    instance: format!("i{index}"),
                    cluster: cluster.to_owned(),
                    region: region.to_owned(),
                    regulatory_domain: domain.to_owned(),
                    environment: environment.to_owned(),
                    owner_team: owner.to_owned(),
                    cloud: cloud.to_owned(),
                    engine: "mysql".to_owned(),
                    tags: tier
                        .map(|tier| ("tier".to_owned(), tier.to_owned()))
                        .into_iter()
                        .collect(),
                },
            )
            .collect()
    })
}

fn caller() -> impl Strategy<Value = Principal> {
    let user = (select(vec!["u0", "u1", "u2"]), teams());
    let agent = prop::option::of(select(vec!["g0", "g1", "g2"]));
    let door = select(vec![Transport::Stdio, Transport::Http]);
    (user, agent, door).prop_map(|((user, teams), agent, door)| {
        match agent {
            None => Principal::user(user, teams),
            Some(agent) => Principal::agent(agent, user, teams),
        }
        .through(door)
    })
}

fn world() -> impl Strategy<Value = World> {
    let callers = prop::collection::vec(caller(), 1..4);
    (policies(), links(), entities(), inventory(), callers).prop_map(
        |(policies, links, entities, inventory, callers)| World {
            policies,
            links,
            entities,
            inventory,
            callers,
        },
    )
}

/// The other side: everything given to Cedar, nothing remembered, nothing left out.
struct Oracle {
    policies: PolicySet,
    entities: Entities,
    halves: Vec<String>,
    agent: bool,
    transport: &'static str,
}

impl Oracle {
    fn new(world: &World, caller: &Principal) -> Self {
        let text = format!("{}{TEMPLATE}", world.policies);
        let parsed: PolicySet = text.parse().unwrap();
        let mut policies = PolicySet::new();
        for policy in parsed.policies() {
            policies
                .add(policy.new_id(PolicyId::new(policy.annotation("id").unwrap())))
                .unwrap();
        }
        for template in parsed.templates() {
            policies
                .add_template(template.new_id(PolicyId::new("linked")))
                .unwrap();
        }
        for link in world.links.as_array().unwrap() {
            let slot = |name: &str| link["args"][name].as_str().unwrap().parse().unwrap();
            let values = [
                (cedar_policy::SlotId::principal(), slot("?principal")),
                (cedar_policy::SlotId::resource(), slot("?resource")),
            ];
            policies
                .link(
                    PolicyId::new("linked"),
                    PolicyId::new("link"),
                    values.into(),
                )
                .unwrap();
        }
        let user = format!("User::\"{}\"", caller.user_id());
        let halves = match &caller.kind {
            Kind::User => vec![user],
            Kind::Agent { .. } => vec![format!("Agent::\"{}\"", caller.id), user],
        };
        Self {
            policies,
            entities: all_entities(world, caller),
            halves,
            agent: caller.is_agent(),
            transport: caller.transport.as_str(),
        }
    }

    /// Whether it is allowed, and by which policies.
    fn ask(
        &self,
        tool: &Action,
        resource: &str,
        args: &Map<String, Value>,
    ) -> (bool, BTreeSet<String>) {
        let action = format!("Action::\"{}\"", tool.name).parse().unwrap();
        let raw = args.get("raw") == Some(&Value::Bool(true));
        let context = json!({
            "agent": self.agent,
            "args": args,
            "mutates": tool.effect == Effect::Mutate,
            "sensitive": tool.effect == Effect::Sensitive || raw,
            "transport": self.transport,
        });
        let mut all = true;
        let mut by = BTreeSet::new();
        for principal in &self.halves {
            let context =
                Context::from_json_value(context.clone(), Some((&SCHEMA, &action))).unwrap();
            let request = Request::new(
                principal.parse().unwrap(),
                action.clone(),
                resource.parse().unwrap(),
                context,
                Some(&SCHEMA),
            )
            .unwrap();
            let response = Cedar::new().is_authorized(&request, &self.policies, &self.entities);
            let forbid_failed = response.diagnostics().errors().any(|error| {
                let AuthorizationError::PolicyEvaluationError(error) = error;
                let policy = self.policies.policy(error.policy_id()).unwrap();
                policy.effect() == PolicyEffect::Forbid
            });
            all &= response.decision() == Decision::Allow && !forbid_failed;
            by.extend(response.diagnostics().reason().map(ToString::to_string));
        }
        (all, by)
    }
}

fn all_entities(world: &World, caller: &Principal) -> Entities {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    let uid = |kind: &str, id: &str| json!({"type": kind, "id": id});
    let mut put = |entity: Value| {
        all.insert(entity["uid"].to_string(), entity);
    };
    put(
        json!({"uid": uid("RegulatoryDomain", "unlisted"), "parents": [],
        "attrs": {"cleared": [], "dba": [], "on_call": [], "sensitive": []}}),
    );
    put(json!({"uid": uid("Fleet", "fleet"), "attrs": {}, "parents": []}));
    for entity in &world.entities {
        put(entity.clone());
    }
    for instance in &world.inventory {
        let (cluster, region, domain) = (
            uid("Cluster", &instance.cluster),
            uid("Region", &instance.region),
            uid("RegulatoryDomain", &instance.regulatory_domain),
        );
        put(json!({
            "uid": uid("Instance", &instance.instance),
            "attrs": {
                "cloud": instance.cloud, "cluster": cluster, "engine": instance.engine,
                "environment": instance.environment, "owner": uid("Team", &instance.owner_team),
                "region": region, "regulatory_domain": domain,
            },
            "parents": [cluster, region, domain],
            "tags": instance.tags,
        }));
    }
    let mut member = |kind: &str, id: &str, attrs: Value, claimed: &[String]| {
        let own = uid(kind, id);
        let mut parents: Vec<Value> = all.get(&own.to_string()).map_or_else(Vec::new, |entity| {
            entity["parents"].as_array().unwrap().clone()
        });
        parents.extend(claimed.iter().map(|team| uid("Team", team)));
        all.insert(
            own.to_string(),
            json!({"uid": own, "attrs": attrs, "parents": parents}),
        );
    };
    member("User", caller.user_id(), json!({}), &caller.teams);
    if caller.is_agent() {
        member(
            "Agent",
            &caller.id,
            json!({"user": uid("User", caller.user_id())}),
            &[],
        );
    }
    let all: Vec<Value> = all.into_values().collect();
    Entities::from_json_value(Value::from(all), Some(&SCHEMA)).unwrap()
}

fn under_test(world: &World) -> Authorizer {
    let entities = Value::from(world.entities.clone()).to_string();
    let folder = PolicyFolder::from_text(&world.policies, &[("e.json", &entities)])
        .with_templates(TEMPLATE, &world.links.to_string());
    Authorizer::new(folder, &TOOLS, &world.inventory).unwrap()
}

fn names(text: &[impl AsRef<str>]) -> BTreeSet<String> {
    text.iter().map(|name| name.as_ref().to_owned()).collect()
}

/// A few dozen worlds of some hundred calls each, or as many worlds as `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() {
        default.cases
    } else {
        48
    };
    ProptestConfig {
        failure_persistence: None,
        cases,
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lists_agree_with_calls_and_calls_with_cedar(world in world()) {
        let authorizer = under_test(&world);
        for caller in &world.callers {
            let oracle = Oracle::new(&world, caller);
            let (callable, visible) = calls_agree(&authorizer, &oracle, &world, caller)?;
            for tool in TOOLS.iter() {
                let listed = authorizer.is_callable(caller, &tool.name);
                prop_assert_eq!(listed, callable.contains(&tool.name));
            }
            prop_assert_eq!(names(&authorizer.callable(caller)), callable);
            prop_assert_eq!(names(&authorizer.visible_instances(caller)), visible.clone());
            hidden_is_as_missing(&authorizer, &world, caller, &visible)?;
        }
    }
}

fn variants() -> [Map<String, Value>; 4] {
    [
        json!({}),
        json!({"raw": true}),
        json!({"raw": false, "limit": 1}),
        json!({"limit": i64::MAX}),
    ]
    .map(|arguments| object(&arguments))
}

/// Makes every call there is, and returns the tools that could be called and the instances seen.
fn calls_agree(
    authorizer: &Authorizer,
    oracle: &Oracle,
    world: &World,
    caller: &Principal,
) -> Result<(BTreeSet<String>, BTreeSet<String>), TestCaseError> {
    let (mut callable, mut visible) = (BTreeSet::new(), BTreeSet::new());
    for tool in TOOLS.iter() {
        let resources: Vec<(ResourceRef<'_>, String)> = match tool.target {
            Target::Fleet => vec![(ResourceRef::Fleet, "Fleet::\"fleet\"".to_owned())],
            Target::Instance => {
                let instances = world.inventory.iter().map(|one| one.instance.as_str());
                instances
                    .map(|name| (ResourceRef::Instance(name), format!("Instance::\"{name}\"")))
                    .collect()
            }
        };
        for (resource, uid) in resources {
            for arguments in variants() {
                let (allow, by) = oracle.ask(tool, &uid, &arguments);
                let decision = authorizer.authorize(caller, &tool.name, resource, &arguments);
                let call = format!("{} on {uid} with {arguments:?} by {caller:?}", tool.name);
                prop_assert_eq!(decision.allow, allow, "{}", call);
                if allow {
                    prop_assert_eq!(names(&decision.policies), by, "{}", call);
                }
                if allow && arguments.is_empty() {
                    callable.insert(tool.name.clone());
                    if let ResourceRef::Instance(name) = resource {
                        visible.insert(name.to_owned());
                    }
                }
            }
        }
    }
    Ok((callable, visible))
}

/// What is not listed cannot be told from what is not there.
fn hidden_is_as_missing(
    authorizer: &Authorizer,
    world: &World,
    caller: &Principal,
    visible: &BTreeSet<String>,
) -> Result<(), TestCaseError> {
    let mistyped = object(&json!({"limit": "many"}));
    for tool in TOOLS.iter().filter(|tool| tool.target == Target::Instance) {
        for arguments in variants().iter().chain([&mistyped]) {
            let ask = |name| {
                let resource = ResourceRef::Instance(name);
                authorizer.authorize(caller, &tool.name, resource, arguments)
            };
            let missing = ask("missing");
            prop_assert!(!missing.allow);
            for instance in &world.inventory {
                let found = ask(&instance.instance);
                if !visible.contains(&instance.instance) && !found.allow {
                    prop_assert_eq!(found.level, missing.level);
                }
            }
        }
    }
    Ok(())
}
