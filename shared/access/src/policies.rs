//! Parses and validates the policies of a folder. Every fault names its file and line.

use std::collections::{BTreeMap, HashMap};

use cedar_policy::{
    EntityUid, Policy, PolicyId, PolicySet, PolicySetError, Schema, SlotId, Template,
    ValidationMode, Validator,
};
use miette::Diagnostic;
use serde::Deserialize;

use crate::error::Place;
use crate::folder::SourceFile;
use crate::{PolicyError, PolicyFolder};

/// How far a policy may look from the principal and the resource: `resource.owner` is one step,
/// `resource.regulatory_domain.cleared` two. A decision gathers exactly these entities.
pub(crate) const LEVELS: u32 = 2;

/// One line of `template-links.json`.
#[derive(Deserialize)]
struct Link {
    #[serde(rename = "template_id")]
    template: String,
    #[serde(rename = "link_id")]
    id: String,
    args: BTreeMap<String, String>,
}

/// The policies of a folder, each under its `@id`, strictly valid.
pub(crate) fn load(folder: &PolicyFolder, schema: &Schema) -> Result<PolicySet, PolicyError> {
    let mut set = PolicySet::new();
    let mut files: HashMap<PolicyId, &SourceFile> = HashMap::new();
    for file in std::iter::once(&folder.policies).chain(&folder.templates) {
        add_file(&mut set, &mut files, file)?;
    }
    if let Some(file) = &folder.links {
        link(&mut set, file)?;
    }
    if set.num_of_policies() == 0 {
        return Err(PolicyError::NoPolicies(folder.dir.clone()));
    }
    validate(&set, &files, schema)?;
    Ok(set)
}

fn add_file<'a>(
    set: &mut PolicySet,
    files: &mut HashMap<PolicyId, &'a SourceFile>,
    file: &'a SourceFile,
) -> Result<(), PolicyError> {
    let parsed: PolicySet = file
        .text
        .parse()
        .map_err(|error: cedar_policy::ParseErrors| PolicyError::Policy {
            place: place_of(file, &error),
            detail: described(&error),
        })?;
    let mut from = 0;
    for statement in in_order(&parsed) {
        let place = statement.find(file, &mut from);
        let place = || place.clone();
        let failed = |error: PolicySetError| PolicyError::Policy {
            place: place(),
            detail: error.to_string(),
        };
        let id = own_id(statement.annotation(), files, place)?;
        files.insert(id.clone(), file);
        match statement {
            Statement::Policy(policy) => set.add(policy.new_id(id)).map_err(failed)?,
            Statement::Template(template) => {
                set.add_template(template.new_id(id)).map_err(failed)?;
            }
        }
    }
    Ok(())
}

/// A policy or template as it stands in a file.
enum Statement<'a> {
    Policy(&'a Policy),
    Template(&'a Template),
}

/// The parser numbers statements as they stand in the file: `policy0`, `policy1`, ...
fn in_order(parsed: &PolicySet) -> Vec<Statement<'_>> {
    let policies = parsed.policies().map(Statement::Policy);
    let mut statements: Vec<_> = policies
        .chain(parsed.templates().map(Statement::Template))
        .collect();
    statements.sort_by_key(Statement::number);
    statements
}

impl Statement<'_> {
    fn number(&self) -> usize {
        let id: &PolicyId = match self {
            Self::Policy(policy) => policy.id(),
            Self::Template(template) => template.id(),
        };
        let id: &str = id.as_ref();
        let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.parse().unwrap_or(usize::MAX)
    }

    fn annotation(&self) -> Option<&str> {
        match self {
            Self::Policy(policy) => policy.annotation("id"),
            Self::Template(template) => template.annotation("id"),
        }
    }

    /// Finds the statement in its file after `from`, which moves on to its end.
    fn find(&self, file: &SourceFile, from: &mut usize) -> Place {
        let text = match self {
            Self::Policy(policy) => policy.to_cedar().unwrap_or_default(),
            Self::Template(template) => template.to_cedar(),
        };
        let rest = file.text.get(*from..).unwrap_or_default();
        let line = rest.find(&text).map(|offset| {
            let start = *from + offset;
            *from = start + text.len();
            line_at(&file.text, start)
        });
        Place::new(&file.path, line)
    }
}

fn own_id(
    id: Option<&str>,
    taken: &HashMap<PolicyId, &SourceFile>,
    place: impl Fn() -> Place,
) -> Result<PolicyId, PolicyError> {
    let id = id.filter(|id| !id.is_empty());
    let id = id
        .map(PolicyId::new)
        .ok_or_else(|| PolicyError::MissingId(place()))?;
    if taken.contains_key(&id) {
        return Err(PolicyError::DuplicateId {
            place: place(),
            id: id.to_string(),
        });
    }
    Ok(id)
}

fn link(set: &mut PolicySet, file: &SourceFile) -> Result<(), PolicyError> {
    let links: Vec<Link> =
        serde_json::from_str(&file.text).map_err(|error| PolicyError::Policy {
            place: Place::new(&file.path, Some(error.line())),
            detail: error.to_string(),
        })?;
    for link in links {
        let place = || {
            Place::new(
                &file.path,
                line_containing(&file.text, &format!("\"{}\"", link.id)),
            )
        };
        let failed = |detail: String| PolicyError::Policy {
            place: place(),
            detail: format!("the link `{}` does not hold: {detail}", link.id),
        };
        let mut slots = HashMap::new();
        for (slot, value) in &link.args {
            let slot = match slot.as_str() {
                "?principal" => SlotId::principal(),
                "?resource" => SlotId::resource(),
                other => return Err(failed(format!("`{other}` is no slot"))),
            };
            let value: EntityUid = value
                .parse()
                .map_err(|_| failed(format!("`{value}` is no entity, such as Team::\"dba\"")))?;
            slots.insert(slot, value);
        }
        let (template, id) = (PolicyId::new(&link.template), PolicyId::new(&link.id));
        if set.policy(&id).is_some() || set.template(&id).is_some() {
            return Err(PolicyError::DuplicateId {
                place: place(),
                id: link.id.clone(),
            });
        }
        set.link(template, id, slots)
            .map_err(|error| failed(described(&error)))?;
    }
    Ok(())
}

fn validate(
    set: &PolicySet,
    files: &HashMap<PolicyId, &SourceFile>,
    schema: &Schema,
) -> Result<(), PolicyError> {
    let found =
        Validator::new(schema.clone()).validate_with_level(set, ValidationMode::Strict, LEVELS);
    // A warning is a policy that can never apply or that reads otherwise than it looks: refused too.
    let errors = found
        .validation_errors()
        .map(|error| (error.policy_id(), error as &dyn Diagnostic));
    let warnings = found
        .validation_warnings()
        .map(|warning| (warning.policy_id(), warning as &dyn Diagnostic));
    let Some((id, fault)) = errors.chain(warnings).next() else {
        return Ok(());
    };
    // A linked policy is written in its template's file.
    let template = set.policy(id).and_then(Policy::template_id).unwrap_or(id);
    let place = files.get(template).map_or_else(
        || Place::new("template-links.json", None),
        |file| place_of(file, fault),
    );
    Err(PolicyError::Policy {
        place,
        detail: described(fault),
    })
}

/// Message and advice in one line.
fn described(fault: &dyn Diagnostic) -> String {
    match fault.help() {
        Some(help) => format!("{fault}; {help}"),
        None => fault.to_string(),
    }
}

fn place_of(file: &SourceFile, fault: &dyn Diagnostic) -> Place {
    let offset = fault
        .labels()
        .and_then(|mut labels| labels.next())
        .map(|label| label.offset());
    Place::new(&file.path, offset.map(|offset| line_at(&file.text, offset)))
}

pub(crate) fn line_containing(text: &str, part: &str) -> Option<usize> {
    text.find(part).map(|offset| line_at(text, offset))
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}
