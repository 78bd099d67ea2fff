//! Groups instances and tools that no policy can tell apart, so that one decision serves them all.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cedar_policy::{Entities, Entity, EntityUid, PolicySet, Schema};

use crate::entities::{World, uid};
use crate::scope;
use crate::seen::Seen;
use crate::{Action, PolicyError, Resource, Target};

/// Instances that differ only in what no policy looks at.
pub(crate) struct InstanceClass {
    /// The first of them, standing for all.
    pub(crate) uid: EntityUid,
    /// It and what its attributes refer to.
    pub(crate) entities: Entities,
}

/// The inventory, sorted into classes.
pub(crate) struct Instances {
    pub(crate) classes: Vec<InstanceClass>,
    /// The entities of all classes.
    pub(crate) all: Entities,
    class_of: HashMap<Arc<str>, usize>,
    /// By name.
    pub(crate) names: Vec<(Arc<str>, usize)>,
}

#[derive(PartialEq, Eq, Hash)]
struct InstanceKey<'a> {
    named: [Option<&'a str>; 4],
    read: [Option<&'a str>; 7],
    tags: Option<&'a BTreeMap<String, String>>,
}

impl Instances {
    pub(crate) fn sort(
        inventory: &[Resource],
        world: &World,
        seen: &Seen,
    ) -> Result<Self, PolicyError> {
        let gathered = |entities: Vec<Entity>| {
            Entities::from_entities(entities, None)
                .map_err(|error| PolicyError::Inventory(error.to_string()))
        };
        let mut classes = Vec::new();
        let mut all = Vec::new();
        let mut known: HashMap<InstanceKey<'_>, usize> = HashMap::new();
        let mut class_of = HashMap::new();
        for resource in inventory {
            let name: Arc<str> = Arc::from(resource.instance.as_str());
            if name.is_empty() {
                return Err(PolicyError::Inventory("an instance has no name".to_owned()));
            }
            let key = key(resource, world, seen);
            let class = match known.get(&key) {
                Some(class) => *class,
                None => {
                    let entities = world.instance(resource)?;
                    all.extend_from_slice(&entities);
                    classes.push(InstanceClass {
                        uid: uid(&world.types.instance, &name),
                        entities: gathered(entities)?,
                    });
                    known.insert(key, classes.len() - 1);
                    classes.len() - 1
                }
            };
            if class_of.insert(Arc::clone(&name), class).is_some() {
                return Err(PolicyError::Inventory(format!(
                    "two instances are called `{name}`; rename one"
                )));
            }
        }
        let mut names: Vec<(Arc<str>, usize)> = class_of
            .iter()
            .map(|(name, class)| (Arc::clone(name), *class))
            .collect();
        names.sort_unstable();
        Ok(Self {
            classes,
            all: gathered(all)?,
            class_of,
            names,
        })
    }

    pub(crate) fn class_of(&self, name: &str) -> Option<usize> {
        self.class_of.get(name).copied()
    }
}

/// Everything the policies can see of an instance. The schema gives callers no attribute that
/// refers to an instance, cluster or region, so these are seen only by name or through the
/// instance's own attributes.
fn key<'a>(resource: &'a Resource, world: &World, seen: &Seen) -> InstanceKey<'a> {
    let types = &world.types;
    let named = [
        (&types.instance, resource.instance.as_str()),
        (&types.cluster, &resource.cluster),
        (&types.region, &resource.region),
        (&types.domain, &resource.regulatory_domain),
    ];
    let read = [
        ("cloud", resource.cloud.as_str()),
        ("cluster", &resource.cluster),
        ("engine", &resource.engine),
        ("environment", &resource.environment),
        ("owner", &resource.owner_team),
        ("region", &resource.region),
        ("regulatory_domain", &resource.regulatory_domain),
    ];
    InstanceKey {
        named: named.map(|(kind, id)| seen.names(&uid(kind, id)).then_some(id)),
        read: read.map(|(attribute, value)| seen.reads(attribute).then_some(value)),
        tags: seen.reads_tags().then_some(&resource.tags),
    }
}

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
    pub(crate) tools: Vec<Tool>,
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
        let mut tools: Vec<Tool> = Vec::new();
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
            let class = match known.get(&key) {
                Some(class) => *class,
                None => {
                    classes.push(ActionClass {
                        first: tools.len(),
                        target: action.target,
                        policies: scope::keep(policies, |policy| {
                            scope::action_fits(policy, &own, &groups)
                        })
                        .map_err(|error| bad(&error))?,
                    });
                    known.insert(key, classes.len() - 1);
                    classes.len() - 1
                }
            };
            index_of.insert(action.name.clone(), tools.len());
            tools.push(Tool {
                spec: action.clone(),
                entity: entity.clone(),
                class,
            });
        }
        Ok(Self {
            tools,
            classes,
            index_of,
        })
    }

    pub(crate) fn find(&self, name: &str) -> Option<(usize, &Tool)> {
        let index = *self.index_of.get(name)?;
        self.tools.get(index).map(|tool| (index, tool))
    }
}
