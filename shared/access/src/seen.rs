//! What policies look at, so that what they cannot tell apart can be treated alike.

use std::collections::HashSet;

use cedar_policy::{EntityUid, PolicySet, Template};

/// The entities and attributes a set of policies names.
pub(crate) struct Seen {
    literals: HashSet<EntityUid>,
    text: String,
}

impl Seen {
    pub(crate) fn by(set: &PolicySet) -> Self {
        let mut literals = HashSet::new();
        let mut text = String::new();
        for policy in set.policies() {
            literals.extend(policy.entity_literals());
            literals.extend(
                policy
                    .template_links()
                    .into_iter()
                    .flatten()
                    .map(|(_, uid)| uid),
            );
            text.push_str(&json_text(policy.to_json()));
        }
        for template in set.templates() {
            text.push_str(&json_text(Template::to_json(template)));
        }
        Self { literals, text }
    }

    /// Whether a policy names this entity.
    pub(crate) fn names(&self, uid: &EntityUid) -> bool {
        self.literals.contains(uid)
    }

    /// Whether a policy may read an attribute of this name. Says yes too often rather than too
    /// rarely: any string of that text in a policy counts.
    pub(crate) fn reads(&self, attribute: &str) -> bool {
        self.text.contains(&format!("\"{attribute}\""))
    }

    /// Whether a policy reads tags.
    pub(crate) fn reads_tags(&self) -> bool {
        self.text.contains("Tag\"")
    }
}

fn json_text<E>(json: Result<serde_json::Value, E>) -> String {
    // A policy that cannot be written as JSON might read anything.
    json.map_or_else(|_| EVERYTHING.to_owned(), |json| json.to_string())
}

const EVERYTHING: &str =
    r#""cloud" "cluster" "engine" "environment" "owner" "region" "regulatory_domain" "hasTag""#;
