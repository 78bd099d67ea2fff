//! Groups instances that no policy can tell apart, so that one decision serves them all.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cedar_policy::{Entities, Entity, EntityUid, Policy, PolicyId, PolicySet};

use crate::entities::{World, uid};
use crate::scope;
use crate::seen::Seen;
use crate::{PolicyError, Resource};

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
    /// Every policy by itself.
    pub(crate) policies: HashMap<PolicyId, OnePolicy>,
    class_of: HashMap<Arc<str>, usize>,
    /// By name.
    pub(crate) names: Vec<(Arc<str>, usize)>,
}

/// One policy, and the classes of instances it cannot tell apart.
pub(crate) struct OnePolicy {
    /// Nothing but the policy.
    pub(crate) alone: PolicySet,
    /// By class of instances: its group.
    group_of: Vec<usize>,
    /// How many groups there are.
    pub(crate) groups: usize,
}

impl OnePolicy {
    fn sort(
        policy: &Policy,
        policies: &PolicySet,
        firsts: &[&Resource],
        world: &World,
    ) -> Result<Self, String> {
        let alone = scope::keep(policies, |other| other.id() == policy.id())?;
        let seen = Seen::by(&alone);
        let mut known = HashMap::new();
        let mut group_of = Vec::with_capacity(firsts.len());
        for resource in firsts {
            let next = known.len();
            group_of.push(*known.entry(key(resource, world, &seen)).or_insert(next));
        }
        Ok(Self {
            alone,
            group_of,
            groups: known.len(),
        })
    }

    pub(crate) fn group_of(&self, class: usize) -> Option<usize> {
        self.group_of.get(class).copied()
    }
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
        policies: &PolicySet,
        seen: &Seen,
    ) -> Result<Self, PolicyError> {
        let gathered = |entities: Vec<Entity>| {
            Entities::from_entities(entities, None)
                .map_err(|error| PolicyError::Inventory(error.to_string()))
        };
        let mut classes = Vec::new();
        let mut all = Vec::new();
        let mut firsts = Vec::new();
        let mut known: HashMap<InstanceKey<'_>, usize> = HashMap::new();
        let mut class_of = HashMap::new();
        for resource in inventory {
            let name: Arc<str> = Arc::from(resource.instance.as_str());
            if name.is_empty() {
                return Err(PolicyError::Inventory("an instance has no name".to_owned()));
            }
            let key = key(resource, world, seen);
            let class = if let Some(class) = known.get(&key) {
                *class
            } else {
                let entities = world.instance(resource)?;
                all.extend_from_slice(&entities);
                firsts.push(resource);
                classes.push(InstanceClass {
                    uid: uid(&world.types.instance, &name),
                    entities: gathered(entities)?,
                });
                known.insert(key, classes.len() - 1);
                classes.len() - 1
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
        let mut each = HashMap::new();
        for policy in policies.policies() {
            let one = OnePolicy::sort(policy, policies, &firsts, world)
                .map_err(PolicyError::Inventory)?;
            each.insert(policy.id().clone(), one);
        }
        Ok(Self {
            policies: each,
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
