//! The fleet as its callers see it: `fleet_instances`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_tool::{
    Answer, Call, Detail, Domain, Effect, InstanceFacts, Spec, Target, Tool, ToolError, row,
};

/// Finding instances. One tool for any number of them.
pub static DOMAIN: Domain = Domain {
    name: "fleet",
    about: "which instances there are for you: find the name every other tool asks for",
    tools: &[row::<Instances>()],
    runbooks: &[],
};

struct Instances;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Part of a name, cluster or tag
    search: Option<String>,
    /// Owner team
    team: Option<String>,
    region: Option<String>,
    regulatory_domain: Option<String>,
    environment: Option<String>,
    #[serde(default)]
    detail: Detail,
    #[schemars(range(min = 1, max = 500))]
    limit: Option<usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Data {
    matching: usize,
    instances: Vec<Listed>,
}

/// One instance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed {
    name: String,
    cluster: String,
    region: String,
    environment: String,
    owner_team: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_call: Option<String>,
    /// live | snapshot
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    regulatory_domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<String>,
}

impl Tool for Instances {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "fleet_instances",
        title: "Find instances",
        description: "Finds database instances by name, team, region, regulatory domain or environment, \
                      with their owner and on-call contact. Lists only those you may use. Call it first \
                      to learn the `instance` name other tools ask for.",
        effect: Effect::Read,
        target: Target::Fleet,
        deadline: Duration::from_secs(5),
        row_limit: 500,
        freshness: Duration::ZERO,
        probes: &[],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../runbooks/fleet_instances.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let limit = input.limit.unwrap_or(if full { 100 } else { 25 }).min(500);
        let visible = call.visible_instances();
        let matching: Vec<&InstanceFacts> = visible
            .iter()
            .map(AsRef::as_ref)
            .filter(|facts| input.matches(facts))
            .collect();
        let instances: Vec<Listed> = matching
            .iter()
            .take(limit)
            .map(|facts| listed(facts, full))
            .collect();
        let headline = match (matching.as_slice(), visible.len()) {
            ([], 0) => {
                "there is no instance you may use; ask a database team for access".to_owned()
            }
            ([], all) => format!("none of the {all} instances you may use matches"),
            ([one], _) => format!("{} matches, owned by {}", one.name, one.owner_team),
            (some, all) => format!("{} of the {all} instances you may use match", some.len()),
        };
        let total = matching.len();
        let shown = instances.len();
        Ok(Answer::new(
            headline,
            Vec::new(),
            Data {
                matching: total,
                instances,
            },
        )
        .cut("instances", shown, total))
    }
}

impl Input {
    fn matches(&self, facts: &InstanceFacts) -> bool {
        let is = |wanted: &Option<String>, value: &str| {
            wanted
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
        };
        let found = self.search.as_deref().is_none_or(|text| {
            let text = text.to_lowercase();
            let tags = facts.tags.iter().flat_map(|(key, value)| [key, value]);
            [&facts.name, &facts.cluster]
                .into_iter()
                .chain(tags)
                .any(|field| field.to_lowercase().contains(&text))
        });
        found
            && is(&self.team, &facts.owner_team)
            && is(&self.region, &facts.region)
            && is(&self.regulatory_domain, &facts.regulatory_domain)
            && is(&self.environment, &facts.environment)
    }
}

fn listed(facts: &InstanceFacts, full: bool) -> Listed {
    Listed {
        name: facts.name.clone(),
        cluster: facts.cluster.clone(),
        region: facts.region.clone(),
        environment: facts.environment.clone(),
        owner_team: facts.owner_team.clone(),
        on_call: facts.on_call.clone(),
        source: facts.source,
        regulatory_domain: full.then(|| facts.regulatory_domain.clone()),
        cloud: full.then(|| facts.cloud.clone()),
    }
}
