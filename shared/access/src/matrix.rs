//! The authorization matrix as text: who may call what on which kind of resource. Committed, so that
//! a change of policy shows its effect in review.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::{Action, Authorizer, Principal, ResourceRef, Target};

impl Authorizer {
    /// One table per tool, and per sensitive argument of it: a row for each role, a column for each
    /// resource of the kind the tool takes.
    pub fn matrix(
        &self,
        roles: &[(&str, Principal)],
        resources: &[(&str, ResourceRef<'_>)],
    ) -> String {
        let mut text = String::new();
        for action in self.actions() {
            let sensitive = action.args.iter().filter(|arg| arg.sensitive);
            let variants =
                std::iter::once(None).chain(sensitive.map(|arg| Some(arg.name.as_str())));
            for variant in variants {
                self.table(&mut text, action, variant, roles, resources);
            }
        }
        text
    }

    fn table(
        &self,
        text: &mut String,
        action: &Action,
        variant: Option<&str>,
        roles: &[(&str, Principal)],
        resources: &[(&str, ResourceRef<'_>)],
    ) {
        let mut arguments = Map::new();
        let mut title = format!("{} ({})", action.name, action.effect.as_str());
        if let Some(name) = variant {
            arguments.insert(name.to_owned(), Value::Bool(true));
            title = format!("{title} with {name}");
        }
        let fits = |resource: &ResourceRef<'_>| match resource {
            ResourceRef::Fleet => action.target == Target::Fleet,
            ResourceRef::Instance(_) => action.target == Target::Instance,
        };
        let columns: Vec<&(&str, ResourceRef<'_>)> = resources
            .iter()
            .filter(|(_, resource)| fits(resource))
            .collect();
        let width = roles.iter().map(|(role, _)| role.len()).max().unwrap_or(0);
        // Writing to a string cannot fail.
        let _ok = write!(text, "{title}\n{:width$}", "");
        for (name, _) in &columns {
            let _ok = write!(text, " | {name}");
        }
        for (role, principal) in roles {
            let _ok = write!(text, "\n{role:width$}");
            for (name, resource) in &columns {
                let decision = self.authorize(principal, &action.name, *resource, &arguments);
                let mark = if decision.allow { "yes" } else { "-" };
                let _ok = write!(text, " | {mark:column$}", column = name.len());
            }
            text.truncate(text.trim_end_matches(' ').len());
        }
        text.push_str("\n\n");
    }
}
