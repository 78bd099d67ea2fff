//! The Cedar schema: generated from the table of tools, and read back where a policy folder covers
//! more tools than this server has.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cedar_policy::{Schema, SchemaFragment};
use serde_json::{Map, Value};

use crate::action::check_names;
use crate::{Action, ArgKind, ArgSpec, Effect, PolicyError, PolicyFolder, Target};

const ENTITIES: &str = "\
// Generated from the table of tools. Do not edit: regenerate it.

// A team, possibly part of a larger one.
entity Team in [Team];

// A person. The identity provider names their teams; entity files may add more.
entity User in [Team];

// A program acting for a person. Its own teams come from entity files alone.
entity Agent in [Team] = {
  user?: User,
};

// Where data may not leave. The four sets say who may come in, and as what.
entity RegulatoryDomain = {
  cleared: Set<Team>,
  dba: Set<Team>,
  on_call: Set<Team>,
  sensitive: Set<Team>,
};

entity Region;

entity Cluster;

// A database server of the inventory. Its three parents do not contain each other: a cluster
// may span regions, and a wrong label on one instance must not move its neighbours.
entity Instance in [Cluster, Region, RegulatoryDomain] = {
  cloud: String,
  cluster: Cluster,
  engine: String,
  environment: String,
  owner: Team,
  region: Region,
  regulatory_domain: RegulatoryDomain,
} tags String;

// The fleet as a whole, for tools that name no instance.
entity Fleet;

// Groups: what a tool does to the world, and the domain it belongs to.
";

/// The annotation that names an action's sensitive arguments.
const SENSITIVE: &str = "sensitive_arguments";

/// The Cedar schema of these tools, for `policies/schema.cedarschema`.
pub fn schema(actions: &[Action]) -> String {
    let mut text = ENTITIES.to_owned();
    for effect in Effect::ALL {
        group(&mut text, effect.as_str());
    }
    let domains: BTreeSet<&str> = actions
        .iter()
        .map(|action| action.domain.as_str())
        .collect();
    for domain in domains {
        group(&mut text, domain);
    }
    let mut actions: Vec<&Action> = actions.iter().collect();
    actions.sort_by(|a, b| a.name.cmp(&b.name));
    for action in actions {
        text.push('\n');
        declare(&mut text, action);
    }
    text
}

fn group(text: &mut String, name: &str) {
    // Writing to a string cannot fail.
    let _ok = writeln!(text, "action \"{name}\";");
}

fn declare(text: &mut String, action: &Action) {
    let sensitive: Vec<&str> = action
        .args
        .iter()
        .filter(|arg| arg.sensitive)
        .map(|arg| arg.name.as_str())
        .collect();
    if !sensitive.is_empty() {
        let _ok = writeln!(text, "@{SENSITIVE}(\"{}\")", sensitive.join(" "));
    }
    let target = match action.target {
        Target::Instance => "Instance",
        Target::Fleet => "Fleet",
    };
    let mut args: Vec<&ArgSpec> = action.args.iter().collect();
    args.sort_by(|a, b| a.name.cmp(&b.name));
    let args = if args.is_empty() {
        "{}".to_owned()
    } else {
        let lines: Vec<String> = args
            .iter()
            .map(|arg| format!("      {}?: {},\n", arg.name, kind_name(arg.kind)))
            .collect();
        format!("{{\n{}    }}", lines.concat())
    };
    let _ok = write!(
        text,
        "action \"{}\" in [\"{}\", \"{}\"] appliesTo {{\n  principal: [Agent, User],\n  \
         resource: [{target}],\n  context: {{\n    agent: Bool,\n    args: {args},\n    \
         mutates: Bool,\n    sensitive: Bool,\n    transport: String,\n  }},\n}};\n",
        action.name,
        action.effect.as_str(),
        action.domain,
    );
}

const fn kind_name(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::String => "String",
        ArgKind::Long => "Long",
        ArgKind::Bool => "Bool",
    }
}

/// The schema of this server's tools and of those the folder's own schema has besides.
pub(crate) fn full_schema(
    folder: &PolicyFolder,
    actions: &[Action],
) -> Result<Schema, PolicyError> {
    let mut all = actions.to_vec();
    if let Some(file) = &folder.schema {
        let theirs = actions_of(&file.text)?;
        all.extend(
            theirs
                .into_iter()
                .filter(|theirs| !actions.iter().any(|ours| ours.name == theirs.name)),
        );
    }
    check_names(&all)?;
    // A server of few tools may have none for the fleet, or none for an instance; policies about
    // them are as right there as elsewhere.
    for target in [Target::Fleet, Target::Instance] {
        if !all.iter().any(|action| action.target == target) {
            all.push(stand_in(target));
        }
    }
    Schema::from_cedarschema_str(&schema(&all))
        .map(|(schema, _warnings)| schema)
        .map_err(|error| PolicyError::Actions(error.to_string()))
}

/// A tool no server has. Only the schema that policies are checked against knows it.
fn stand_in(target: Target) -> Action {
    let (name, domain) = match target {
        Target::Fleet => ("fleet_none", "fleet"),
        Target::Instance => ("instance_none", "instance"),
    };
    Action {
        name: name.to_owned(),
        effect: Effect::Read,
        domain: domain.to_owned(),
        target,
        args: Vec::new(),
    }
}

/// Reads the table of tools back from a generated schema.
///
/// # Errors
/// [`PolicyError::Actions`] when the text is no schema this crate generated.
pub fn actions_of(schema: &str) -> Result<Vec<Action>, PolicyError> {
    let (fragment, _warnings) = SchemaFragment::from_cedarschema_str(schema)
        .map_err(|error| PolicyError::Actions(format!("the schema does not parse: {error}")))?;
    let json = fragment
        .to_json_value()
        .map_err(|error| PolicyError::Actions(error.to_string()))?;
    let Some(declared) = json
        .pointer("/~0/actions")
        .or_else(|| json.pointer("//actions"))
    else {
        return Ok(Vec::new());
    };
    let declared = declared.as_object().into_iter().flatten();
    declared
        // A group is in no group.
        .filter(|(_, action)| {
            let groups = action.get("memberOf").and_then(Value::as_array);
            groups.is_some_and(|groups| !groups.is_empty())
        })
        .map(|(name, action)| {
            read_action(name, action).ok_or_else(|| {
                PolicyError::Actions(format!(
                    "the action `{name}` is not as this program generates it; regenerate the schema"
                ))
            })
        })
        .collect()
}

fn read_action(name: &str, action: &Value) -> Option<Action> {
    let groups: Vec<&str> = action
        .get("memberOf")?
        .as_array()?
        .iter()
        .filter_map(|group| group.get("id")?.as_str())
        .collect();
    let effect = Effect::ALL
        .into_iter()
        .find(|effect| groups.contains(&effect.as_str()))?;
    let domain = groups
        .into_iter()
        .find(|group| *group != effect.as_str())?
        .to_owned();
    let target = match action.pointer("/appliesTo/resourceTypes/0")?.as_str()? {
        "Instance" => Target::Instance,
        "Fleet" => Target::Fleet,
        _ => return None,
    };
    let sensitive: Vec<&str> = action
        .pointer(&format!("/annotations/{SENSITIVE}"))
        .and_then(Value::as_str)
        .map(|names| names.split(' ').collect())
        .unwrap_or_default();
    let args: &Map<String, Value> = action
        .pointer("/appliesTo/context/attributes/args/attributes")?
        .as_object()?;
    let args = args
        .iter()
        .map(|(name, spec)| {
            Some(ArgSpec {
                name: name.clone(),
                kind: read_kind(spec)?,
                sensitive: sensitive.contains(&name.as_str()),
            })
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Action {
        name: name.to_owned(),
        effect,
        domain,
        target,
        args,
    })
}

/// The type is written `{"type": "Long"}` or `{"type": "EntityOrCommon", "name": "Long"}`.
fn read_kind(spec: &Value) -> Option<ArgKind> {
    let name = spec.get("name").or_else(|| spec.get("type"))?.as_str()?;
    [ArgKind::String, ArgKind::Long, ArgKind::Bool]
        .into_iter()
        .find(|kind| {
            kind_name(*kind) == name.trim_start_matches("__cedar::")
                || (*kind == ArgKind::Bool && name == "Boolean")
        })
}
