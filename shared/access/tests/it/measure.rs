//! Figures at the size of a large fleet. Run in release, by hand:
//! `cargo nextest run -p storex-access --release --run-ignored only --no-capture -j 1`

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use storex_access::audit::{AuditLog, Begin, Options, Outcome, Sync};
use storex_access::{
    Action, ArgKind, ArgSpec, Authorizer, Decision, Effect, PolicyFolder, Principal, Resource,
    ResourceRef, Target,
};

use crate::support::{instance, none, object, policies_dir};

const TEAMS: usize = 1_000;
const USERS: usize = 5_000;
const AGENTS: usize = 500;
const INSTANCES: usize = 10_000;
const TOOLS: usize = 50;
const DOMAINS: usize = 5;

fn tools() -> Vec<Action> {
    (0..TOOLS)
        .map(|n| Action {
            name: format!("d{}_tool{n}", n % 5),
            effect: if n % 10 == 9 {
                Effect::Sensitive
            } else {
                Effect::Read
            },
            domain: format!("d{}", n % 5),
            target: if n == 0 {
                Target::Fleet
            } else {
                Target::Instance
            },
            args: vec![
                ArgSpec::new("limit", ArgKind::Long),
                ArgSpec::sensitive("literals"),
            ],
        })
        .collect()
}

fn inventory() -> Vec<Resource> {
    (0..INSTANCES)
        .map(|n| {
            let (team, domain) = (n / 10, n / 10 % DOMAINS);
            let environment = if n % 3 == 0 { "production" } else { "staging" };
            let mut one = instance(
                &format!("i{n}"),
                &format!("t{team}"),
                &format!("r{domain}"),
                environment,
            );
            one.cluster = format!("c{}", n / 3);
            one
        })
        .collect()
}

fn entities() -> String {
    let team = |id: String, parent: String| json!({"uid": {"type": "Team", "id": id}, "attrs": {}, "parents": [{"type": "Team", "id": parent}]});
    let of_team = |id: String| json!([{"type": "Team", "id": id}]);
    let mut all: Vec<Value> = (0..TEAMS)
        .map(|n| team(format!("t{n}"), format!("staff{}", n % DOMAINS)))
        .collect();
    for n in 0..DOMAINS {
        for (id, parent) in [("dba", "staff"), ("sre", "staff"), ("agents", "agents")] {
            let parent = if id == "agents" {
                "agents".to_owned()
            } else {
                format!("{parent}{n}")
            };
            all.push(team(format!("{id}{n}"), parent));
        }
        all.push(json!({"uid": {"type": "RegulatoryDomain", "id": format!("r{n}")}, "parents": [], "attrs": {
            "cleared": [{"type": "Team", "id": format!("staff{n}")}, {"type": "Team", "id": format!("agents{n}")}],
            "dba": of_team(format!("dba{n}")), "on_call": of_team(format!("sre{n}")), "sensitive": of_team(format!("pii{n}")),
        }}));
    }
    let member = |kind: &str, id: String, team: String| json!({"uid": {"type": kind, "id": id}, "attrs": {}, "parents": [{"type": "Team", "id": team}]});
    all.extend((0..USERS).map(|n| member("User", format!("u{n}"), format!("t{}", n % TEAMS))));
    all.extend(
        (0..AGENTS).map(|n| member("Agent", format!("g{n}"), format!("agents{}", n % DOMAINS))),
    );
    Value::from(all).to_string()
}

fn policies(count: usize) -> String {
    let mut text = std::fs::read_to_string(policies_dir().join("policies.cedar")).unwrap();
    let have = text.matches("@id").count();
    for n in have..count {
        write!(text,
            "@id(\"extra{n}\") permit (principal in Team::\"extra{n}\", action in [Action::\"read\"], resource is Instance)
             when {{ resource.environment == \"production\" && resource.cloud == \"aws\" }};\n"
        )
        .unwrap();
    }
    text
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1000];
    format!("p50 {:?} p99 {:?} p99.9 {:?}", at(500), at(990), at(999))
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = run();
    (start.elapsed(), value)
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or_default()
        .to_owned()
}

#[test]
#[ignore = "figures, in release"]
fn decisions() {
    let (tools, inventory, entities) = (tools(), inventory(), entities());
    for count in [8, 20, 100] {
        let folder = PolicyFolder::from_text(&policies(count), &[("e.json", &entities)]);
        let (took, authorizer) = timed(|| Authorizer::new(folder, &tools, &inventory).unwrap());
        println!("{count} policies: load {took:?}, {}", resident());
        let callers: [(&str, Principal); 5] = [
            ("owner", Principal::user("u7", ["t7"])),
            ("administrator", Principal::user("a", ["dba2"])),
            ("nobody", Principal::user("x", [""; 0])),
            ("cleared, owns nothing", Principal::user("y", ["staff1"])),
            ("agent of owner", Principal::agent("g2", "u7", ["t7"])),
        ];
        for (name, caller) in &callers {
            let (lists, visible) = timed(|| authorizer.visible_instances(caller));
            let (again, callable) = timed(|| authorizer.callable(caller));
            println!(
                "  {name}: first list {lists:?} ({} instances), then {again:?} ({} tools)",
                visible.len(),
                callable.len()
            );
            let names: Vec<String> = (0..INSTANCES).step_by(7).map(|n| format!("i{n}")).collect();
            let mut limit = 0;
            let mut ask = |resource: &str, fresh: bool| {
                limit += i64::from(fresh);
                let arguments = object(&json!({ "limit": limit }));
                timed(|| {
                    authorizer.authorize(
                        caller,
                        "d1_tool1",
                        ResourceRef::Instance(resource),
                        &arguments,
                    )
                })
                .0
            };
            let fresh: Vec<Duration> = names.iter().map(|name| ask(name, true)).collect();
            println!("    afresh:   {}", percentiles(fresh));
            for name in &names {
                ask(name, false);
            }
            let again: Vec<Duration> = names.iter().map(|name| ask(name, false)).collect();
            println!("    repeated: {}", percentiles(again));
        }
        let many = timed(|| {
            for n in 0..100 {
                let caller = Principal::user(format!("u{n}"), [format!("t{n}")]);
                authorizer.authorize(&caller, "d1_tool1", ResourceRef::Instance("i70"), &none());
            }
        });
        println!(
            "  first calls of 100 callers: {:?} each, {}",
            many.0 / 100,
            resident()
        );
    }
}

#[tokio::test]
#[ignore = "figures, in release"]
async fn audit() {
    let caller = Principal::agent("g2", "u7", ["t7"]);
    let arguments = object(&json!({"instance": "i7", "limit": 10, "detail": "full"}));
    let decision = Decision {
        allow: true,
        policies: vec!["agents-read".to_owned(), "owner-reads".to_owned()],
        ..Decision::default()
    };
    for (name, sync, calls) in [
        ("os", Sync::Os, 20_000),
        ("group", Sync::default(), 20_000),
        ("every", Sync::Every, 200),
    ] {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let clock = || Timestamp::UNIX_EPOCH;
        let log = AuditLog::open(
            dir.path(),
            Options {
                sync,
                ..Options::new(clock)
            },
        )
        .unwrap();
        let (mut begins, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..calls {
            let start = Instant::now();
            let ticket = log
                .begin(&Begin {
                    request_id: "0190c1c2-7d3f-7c60-9b1f-6a2f0c8e4a11",
                    principal: &caller,
                    tool: "d1_tool1",
                    instance: Some("i7"),
                    arguments: &arguments,
                    decision: &decision,
                })
                .await
                .unwrap();
            begins.push(start.elapsed());
            ends.push(timed(|| ticket.end(Outcome::Ok, 4_096).unwrap()).0);
        }
        println!(
            "{name}: begin {}, end {}",
            percentiles(begins),
            percentiles(ends)
        );
        drop(log);
        let (took, report) = timed(|| storex_access::audit::verify(dir.path()).unwrap());
        println!("  verify {} lines: {took:?}", report.last_seq);
    }
}
