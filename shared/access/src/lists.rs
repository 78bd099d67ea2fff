//! What one caller may call and see at all: every class of tools on every class of instances.

use cedar_policy::{
    Authorizer as Cedar, Context, Decision as CedarDecision, Effect, Entities, EntityTypeName,
    EntityUid, PolicySet,
};

use crate::classes::{ActionClass, Tool};
use crate::loaded::Loaded;
use crate::request::{Args, answer, context, request};
use crate::scope::{keep, principal_fits, resource_type_fits};
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
/// this caller out are left aside, and forbids are only looked at where a permit holds.
pub(crate) fn work_out(
    loaded: &Loaded,
    principal: &Principal,
    view: &View,
) -> Result<Lists, String> {
    let mut lists = Lists {
        callable: Vec::new(),
        visible: vec![false; loaded.instances.classes.len()],
    };
    let types = &loaded.world.types;
    let gather = |base: &Entities| -> Result<Vec<Entities>, String> {
        let actions = || loaded.tools.tools.iter().map(|tool| &tool.entity);
        let halves = view.halves.iter();
        let with = halves.map(|half| {
            let others = half.entities().chain(actions()).cloned();
            base.clone()
                .add_entities(others, None)
                .map_err(|error| error.to_string())
        });
        with.collect()
    };
    let (instances, fleet) = (gather(&loaded.instances.all)?, gather(&loaded.fleet)?);
    for class in &loaded.tools.classes {
        let tool = loaded
            .tools
            .tools
            .get(class.first)
            .ok_or("a class without a tool")?;
        let (entities, kind) = match class.target {
            Target::Instance => (&instances, &types.instance),
            Target::Fleet => (&fleet, &types.fleet),
        };
        let halves = view.halves.iter().zip(entities);
        let halves = halves
            .map(|(caller, entities)| Half::new(caller, entities, principal, tool, class, kind))
            .collect::<Result<Vec<_>, _>>()?;
        let may = |resource: &EntityUid| halves.iter().all(|half| half.may(resource));
        if class.target == Target::Fleet {
            lists.callable.push(may(&loaded.fleet_uid));
            continue;
        }
        let mut callable = false;
        for (instance, visible) in loaded.instances.classes.iter().zip(&mut lists.visible) {
            if !(*visible && callable) && may(&instance.uid) {
                *visible = true;
                callable = true;
            }
        }
        lists.callable.push(callable);
    }
    Ok(lists)
}

/// One half of the caller before one class of tools.
struct Half<'a> {
    caller: &'a Caller,
    entities: &'a Entities,
    tool: &'a Tool,
    context: Context,
    policies: PolicySet,
    permits: PolicySet,
}

impl<'a> Half<'a> {
    fn new(
        caller: &'a Caller,
        entities: &'a Entities,
        principal: &Principal,
        tool: &'a Tool,
        class: &ActionClass,
        kind: &EntityTypeName,
    ) -> Result<Self, String> {
        let own = caller.entity.uid();
        let policies = keep(&class.policies, |policy| {
            principal_fits(policy, &own, entities) && resource_type_fits(policy, kind)
        })
        .map_err(|error| error.to_string())?;
        let plain: Args = tool.spec.args.iter().map(|_| None).collect();
        Ok(Self {
            caller,
            entities,
            tool,
            context: context(principal, tool, &plain)?,
            permits: keep(&policies, |policy| policy.effect() == Effect::Permit)
                .map_err(|error| error.to_string())?,
            policies,
        })
    }

    fn may(&self, resource: &EntityUid) -> bool {
        let Ok(request) = request(self.caller, self.tool, resource, self.context.clone()) else {
            return false;
        };
        let ask = |policies| Cedar::new().is_authorized(&request, policies, self.entities);
        ask(&self.permits).decision() == CedarDecision::Allow
            && answer(&ask(&self.policies), &self.policies).allow
    }
}
