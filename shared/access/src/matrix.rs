//! The authorization matrix as text: who may call what on which kind of resource. Committed, so that
//! a change of policy shows its effect in review.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::{Action, Authorizer, Principal, ResourceRef, Target};

impl Authorizer {
    /// A table per kind of call: a row for each role, a column for each resource. Calls of tools, with
    /// and without each sensitive argument, that come out the same share one.
    pub fn matrix(
        &self,
        roles: &[(&str, Principal)],
        resources: &[(&str, ResourceRef<'_>)],
    ) -> String {
        let mut tables: Vec<(String, String)> = Vec::new();
        for action in self.actions() {
            let sensitive = action.args.iter().filter(|arg| arg.sensitive);
            let arguments = sensitive.map(|arg| Some(arg.name.as_str()));
            for argument in std::iter::once(None).chain(arguments) {
                let table = self.table(action, argument, roles, resources);
                let mut title = format!("{} ({})\n", action.name, action.effect.as_str());
                if let Some(argument) = argument {
                    title = format!("{} with {argument}\n", title.trim_end());
                }
                match tables.iter_mut().find(|(_, known)| *known == table) {
                    Some((titles, _)) => titles.push_str(&title),
                    None => tables.push((title, table)),
                }
            }
        }
        let texts: Vec<String> = tables
            .into_iter()
            .map(|(titles, table)| titles + &table)
            .collect();
        texts.join("\n")
    }

    fn table(
        &self,
        action: &Action,
        argument: Option<&str>,
        roles: &[(&str, Principal)],
        resources: &[(&str, ResourceRef<'_>)],
    ) -> String {
        let arguments: Map<String, Value> = argument
            .map(|name| (name.to_owned(), Value::Bool(true)))
            .into_iter()
            .collect();
        let columns: Vec<&(&str, ResourceRef<'_>)> = resources
            .iter()
            .filter(|(_, resource)| match resource {
                ResourceRef::Fleet => action.target == Target::Fleet,
                ResourceRef::Instance(_) => action.target == Target::Instance,
            })
            .collect();
        let width = roles.iter().map(|(role, _)| role.len()).max().unwrap_or(0);
        let mut text = " ".repeat(width);
        for (name, _) in &columns {
            // Writing to a string cannot fail.
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
        text.push('\n');
        text
    }
}
