//! The table of tools, ready for decisions; tools that no policy can tell apart are decided alike.

use std::collections::HashMap;

use cedar_policy::{Entity, EntityUid, PolicySet, Schema};

use crate::entities::{World, uid};
use crate::scope;
use crate::seen::Seen;
use crate::{Action, PolicyError, Target};

/// Tools that differ only in name and arguments, as far as policies look.
pub(crate) struct ActionClass {
    /// The first of them, standing for all.
    pub(crate) first: usize,
    pub(crate) target: Target,
    /// The policies whose scope lets these tools in. The others cannot apply, nor fail.
    pub(crate) policies: PolicySet,
}

/// A tool, ready for decisions.
pub(crate) struct Tool {
    pub(crate) spec: Action,
    pub(crate) entity: Entity,
    pub(crate) class: usize,
}

/// The table of tools, sorted into classes.
pub(crate) struct Tools {
    pub(crate) table: Vec<Tool>,
    pub(crate) classes: Vec<ActionClass>,
    index_of: HashMap<String, usize>,
}

impl Tools {
    pub(crate) fn sort(
        actions: &[Action],
        world: &World,
        schema: &Schema,
        policies: &PolicySet,
        seen: &Seen,
    ) -> Result<Self, PolicyError> {
        let bad = |error: &dyn std::fmt::Display| PolicyError::Actions(error.to_string());
        let entities = schema.action_entities().map_err(|error| bad(&error))?;
        let mut table: Vec<Tool> = Vec::new();
        let mut classes = Vec::new();
        let mut known = HashMap::new();
        let mut index_of = HashMap::new();
        for action in actions {
            let own = uid(&world.types.action, &action.name);
            let groups: Vec<EntityUid> = entities
                .ancestors(&own)
                .into_iter()
                .flatten()
                .cloned()
                .collect();
            let entity = entities
                .get(&own)
                .filter(|_| !groups.is_empty())
                .ok_or_else(|| bad(&format!("`{}` is in no group", action.name)))?;
            let mut named: Vec<EntityUid> = groups
                .iter()
                .chain([&own])
                .filter(|uid| seen.names(uid))
                .cloned()
                .collect();
            named.sort_unstable();
            // Effect decides `context.sensitive` and `context.mutates`.
            let key = (named, action.effect, action.target);
            let class = if let Some(class) = known.get(&key) {
                *class
            } else {
                classes.push(ActionClass {
                    first: table.len(),
                    target: action.target,
                    policies: scope::keep(policies, |policy| {
                        scope::action_fits(policy, &own, &groups)
                    })
                    .map_err(PolicyError::Actions)?,
                });
                known.insert(key, classes.len() - 1);
                classes.len() - 1
            };
            index_of.insert(action.name.clone(), table.len());
            table.push(Tool {
                spec: action.clone(),
                entity: entity.clone(),
                class,
            });
        }
        Ok(Self {
            table,
            classes,
            index_of,
        })
    }

    pub(crate) fn find(&self, name: &str) -> Option<(usize, &Tool)> {
        let index = *self.index_of.get(name)?;
        self.table.get(index).map(|tool| (index, tool))
    }
}
