//! What one caller may call and see at all: every class of tools on every class of instances.

use cedar_policy::{Authorizer as Cedar, Context, Effect, Entities, EntityUid, Policy};

use crate::classes::OnePolicy;
use crate::loaded::Loaded;
use crate::request::{Args, answer, context, request};
use crate::scope::{principal_fits, resource_type_fits};
use crate::tools::{ActionClass, Tool};
use crate::view::{Caller, View};
use crate::{Principal, Target};

/// What may be called, and seen, with default arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    /// By class of tools: whether it may be called on at least one resource.
    callable: Vec<bool>,
    /// By class of instances: whether some tool may be called on it.
    visible: Vec<bool>,
}

impl Lists {
    pub(crate) fn callable(&self, class: usize) -> bool {
        self.callable.get(class).copied().unwrap_or(false)
    }

    pub(crate) fn visible(&self, class: usize) -> bool {
        self.visible.get(class).copied().unwrap_or(false)
    }

    pub(crate) fn sees_any(&self) -> bool {
        self.visible.contains(&true)
    }
}

/// Asks about every pair of classes that can still add to a list. The same answer as deciding each
/// call, at a fraction of the price: entities are gathered once for all, policies whose scope keeps
/// this caller out are left aside, and each policy is asked once for what it can tell apart.
pub(crate) fn work_out(
    loaded: &Loaded,
    principal: &Principal,
    view: &View,
) -> Result<Lists, String> {
    let mut lists = Lists {
        callable: Vec::new(),
        visible: vec![false; loaded.instances.classes.len()],
    };
    let instances = gather(loaded, view, &loaded.instances.all)?;
    let fleet = gather(loaded, view, &loaded.fleet)?;
    for class in &loaded.tools.classes {
        let tool = loaded
            .tools
            .table
            .get(class.first)
            .ok_or("a class without a tool")?;
        let plain: Args = tool.spec.args.iter().map(|_| None).collect();
        let context = context(principal, tool, &plain)?;
        let mut halves = Vec::new();
        for (index, caller) in view.halves.iter().enumerate() {
            let entities = match class.target {
                Target::Instance => instances.get(index),
                Target::Fleet => fleet.get(index),
            };
            halves.push(Half {
                caller,
                entities: entities.ok_or("a half without entities")?,
                tool,
                context: context.clone(),
                rules: Vec::new(),
            });
        }
        for half in &mut halves {
            half.rules = half.rules(loaded, class)?;
        }
        let mut may =
            |resource: &EntityUid, index| halves.iter_mut().all(|half| half.may(resource, index));
        if class.target == Target::Fleet {
            lists.callable.push(may(&loaded.fleet_uid, 0));
            continue;
        }
        let mut callable = false;
        let instances = loaded.instances.classes.iter().enumerate();
        for ((index, instance), visible) in instances.zip(&mut lists.visible) {
            if !(*visible && callable) && may(&instance.uid, index) {
                *visible = true;
                callable = true;
            }
        }
        lists.callable.push(callable);
    }
    Ok(lists)
}

/// For each half of the caller: these entities, the caller's and all tools.
fn gather(loaded: &Loaded, view: &View, base: &Entities) -> Result<Vec<Entities>, String> {
    let halves = view.halves.iter();
    let with = halves.map(|half| {
        let tools = loaded.tools.table.iter().map(|tool| &tool.entity);
        let others = half.entities().chain(tools).cloned();
        base.clone()
            .add_entities(others, None)
            .map_err(|error| error.to_string())
    });
    with.collect()
}

/// One half of the caller before one class of tools.
struct Half<'a> {
    caller: &'a Caller,
    entities: &'a Entities,
    tool: &'a Tool,
    context: Context,
    rules: Vec<Rule<'a>>,
}

/// One policy, and what it said so far.
struct Rule<'a> {
    effect: Effect,
    policy: &'a OnePolicy,
    /// By group: whether it applies.
    answers: Vec<Option<bool>>,
}

impl<'a> Half<'a> {
    /// The policies that can apply, one by one.
    fn rules(&self, loaded: &'a Loaded, class: &ActionClass) -> Result<Vec<Rule<'a>>, String> {
        let own = self.caller.entity.uid();
        let types = &loaded.world.types;
        let kind = match class.target {
            Target::Instance => &types.instance,
            Target::Fleet => &types.fleet,
        };
        let fits = |policy: &&Policy| {
            principal_fits(policy, &own, self.entities) && resource_type_fits(policy, kind)
        };
        let rules = class.policies.policies().filter(fits).map(|policy| {
            let one = loaded.instances.policies.get(policy.id())?;
            Some(Rule {
                effect: policy.effect(),
                policy: one,
                answers: vec![None; one.groups.max(1)],
            })
        });
        rules
            .collect::<Option<_>>()
            .ok_or_else(|| "a policy that was not sorted".to_owned())
    }

    /// Whether some permit applies and no forbid does.
    fn may(&mut self, resource: &EntityUid, class: usize) -> bool {
        self.any_applies(Effect::Permit, resource, class)
            && !self.any_applies(Effect::Forbid, resource, class)
    }

    fn any_applies(&mut self, effect: Effect, resource: &EntityUid, class: usize) -> bool {
        let (caller, tool, entities) = (self.caller, self.tool, self.entities);
        let context = &self.context;
        let mut rules = self.rules.iter_mut().filter(|rule| rule.effect == effect);
        rules.any(|rule| {
            let group = match tool.spec.target {
                Target::Fleet => Some(0),
                Target::Instance => rule.policy.group_of(class),
            };
            let Some(known) = group.and_then(|group| rule.answers.get_mut(group)) else {
                // Cannot be: every class is in a group. If it were, no permit and every forbid.
                return effect == Effect::Forbid;
            };
            *known.get_or_insert_with(|| {
                let Ok(request) = request(caller, tool, resource, context.clone()) else {
                    return effect == Effect::Forbid;
                };
                let response = Cedar::new().is_authorized(&request, &rule.policy.alone, entities);
                // A permit that holds, a forbid that holds or fails.
                !answer(&response, &rule.policy.alone).policies.is_empty()
            })
        })
    }
}
