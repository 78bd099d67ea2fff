//! One valid set of policies, entities and tools, swapped whole: the decisions are made here.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use cedar_policy::{Authorizer as Cedar, Entities, Entity, EntityUid, PolicySet, Request};
use quick_cache::sync::Cache;
use serde_json::{Map, Value};

use crate::classes::Instances;
use crate::entities::World;
use crate::lists::{self, Lists};
use crate::policies;
use crate::request::{Args, answer, canonical, context, request, string_bytes};
use crate::schema::full_schema;
use crate::seen::Seen;
use crate::tools::{Tool, Tools};
use crate::view::{Caller, View};
use crate::{
    Action, Decision, Level, PolicyError, PolicyFolder, Principal, Resource, ResourceRef, Target,
};

/// Callers remembered. A view holds a few bytes per class of instances.
const VIEWS: usize = 512;
/// Decisions remembered.
const DECISIONS: usize = 65_536;
/// Longer string arguments are decided afresh each time, so that they cannot fill memory.
const CACHED_ARGUMENT_BYTES: usize = 256;

/// The place of the fleet among classes of instances.
const FLEET: usize = usize::MAX;

pub(crate) struct Loaded {
    pub(crate) generation: u64,
    pub(crate) world: World,
    pub(crate) tools: Tools,
    pub(crate) instances: Instances,
    pub(crate) fleet: Entities,
    pub(crate) fleet_uid: EntityUid,
    views: Cache<Principal, Arc<View>>,
    next_view: AtomicU64,
    decisions: Cache<Key, Arc<Decision>>,
}

/// A call, resolved.
pub(crate) struct Asked<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) view: Arc<View>,
    pub(crate) tool: &'a Tool,
    index: usize,
    class: usize,
    pub(crate) args: Args,
}

impl Asked<'_> {
    /// The same call without arguments.
    fn plain(&self) -> Self {
        Self {
            principal: self.principal,
            view: Arc::clone(&self.view),
            tool: self.tool,
            index: self.index,
            class: self.class,
            args: self.tool.spec.args.iter().map(|_| None).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    view: u64,
    tool: usize,
    class: usize,
    args: Args,
}

impl Loaded {
    pub(crate) fn build(
        folder: &PolicyFolder,
        actions: &[Action],
        inventory: &[Resource],
        generation: u64,
    ) -> Result<Self, PolicyError> {
        let schema = full_schema(folder, actions)?;
        let policies = policies::load(folder, &schema)?;
        let world = World::load(folder, &schema, inventory)?;
        let seen = Seen::by(&policies);
        let tools = Tools::sort(actions, &world, &schema, &policies, &seen)?;
        let instances = Instances::sort(inventory, &world, &policies, &seen)?;
        let fleet_uid = world.types.fleet();
        Ok(Self {
            generation,
            tools,
            instances,
            fleet: Entities::from_entities([Entity::with_uid(fleet_uid.clone())], None)
                .map_err(|error| PolicyError::Inventory(error.to_string()))?,
            fleet_uid,
            world,
            views: Cache::new(VIEWS),
            next_view: AtomicU64::new(0),
            decisions: Cache::new(DECISIONS),
        })
    }

    pub(crate) fn view(&self, principal: &Principal) -> Result<Arc<View>, PolicyError> {
        self.views.get_or_insert_with(principal, || {
            Ok(Arc::new(View {
                id: self.next_view.fetch_add(1, Ordering::Relaxed),
                halves: self.world.caller(principal)?,
                lists: OnceLock::new(),
            }))
        })
    }

    /// Resolves a call to what the policies are asked. `None` for an instance there is not.
    ///
    /// # Errors
    /// Why the call cannot be put to the policies at all; for the log.
    pub(crate) fn asked<'a>(
        &'a self,
        principal: &'a Principal,
        action: &str,
        resource: ResourceRef<'_>,
        arguments: &Map<String, Value>,
    ) -> Result<Option<Asked<'a>>, String> {
        let (index, tool) = self
            .tools
            .find(action)
            .ok_or_else(|| format!("no tool `{action}` in the table"))?;
        let view = self.view(principal).map_err(|error| error.to_string())?;
        // Before the instance is looked for: what is wrong with the arguments of a call is told the
        // same whether it is there or not.
        let args = canonical(tool, arguments)?;
        let class = match (resource, tool.spec.target) {
            (ResourceRef::Fleet, Target::Fleet) => FLEET,
            (ResourceRef::Instance(name), Target::Instance) => {
                match self.instances.class_of(name) {
                    Some(class) => class,
                    None => return Ok(None),
                }
            }
            _ => return Err(format!("`{action}` does not take this kind of resource")),
        };
        Ok(Some(Asked {
            principal,
            view,
            tool,
            index,
            class,
            args,
        }))
    }

    pub(crate) fn decide(
        &self,
        principal: &Principal,
        action: &str,
        resource: ResourceRef<'_>,
        arguments: &Map<String, Value>,
    ) -> Arc<Decision> {
        let asked = match self.asked(principal, action, resource, arguments) {
            Ok(Some(asked)) => asked,
            Ok(None) => return Arc::new(self.hidden(principal)),
            Err(error) => return Arc::new(Decision::failed(error)),
        };
        if string_bytes(&asked.args) > CACHED_ARGUMENT_BYTES {
            return Arc::new(self.decide_afresh(&asked));
        }
        let key = Key {
            view: asked.view.id,
            tool: asked.index,
            class: asked.class,
            args: asked.args.clone(),
        };
        let decided: Result<_, Infallible> = self
            .decisions
            .get_or_insert_with(&key, || Ok(Arc::new(self.decide_afresh(&asked))));
        decided.unwrap_or_else(|never| match never {})
    }

    fn decide_afresh(&self, asked: &Asked<'_>) -> Decision {
        let mut decision = self.ask(asked);
        if !decision.allow {
            decision.level = self.level(asked);
        }
        decision
    }

    /// What is said of an instance that is not there. A hidden one gets the same.
    fn hidden(&self, principal: &Principal) -> Decision {
        match self.view(principal) {
            Ok(view) => Decision {
                level: (!self.lists(principal, &view).sees_any()).then_some(Level::Team),
                ..Decision::default()
            },
            Err(error) => Decision::failed(error.to_string()),
        }
    }

    fn level(&self, asked: &Asked<'_>) -> Option<Level> {
        let lists = self.lists(asked.principal, &asked.view);
        if asked.class != FLEET && !lists.visible(asked.class) {
            return self.hidden(asked.principal).level;
        }
        let plain = asked.plain();
        if plain.args != asked.args && self.ask(&plain).allow {
            Some(Level::Arguments)
        } else if asked.class != FLEET && lists.callable(asked.tool.class) {
            Some(Level::Resource)
        } else {
            Some(Level::Rpc)
        }
    }

    /// Asks the policies once for every half of the caller: all must allow.
    fn ask(&self, asked: &Asked<'_>) -> Decision {
        let halves = asked.view.halves.iter();
        let answers = halves.map(|half| self.respond(asked, half).unwrap_or_else(Decision::failed));
        Decision::all(answers)
    }

    /// Asks the policies for one half of the caller.
    pub(crate) fn respond(&self, asked: &Asked<'_>, half: &Caller) -> Result<Decision, String> {
        let (request, slice, policies) = self.put(asked, half)?;
        let response = Cedar::new().is_authorized(&request, policies, &slice);
        Ok(answer(&response, policies))
    }

    /// A request, the entities policies may look at for it, and the policies about it.
    pub(crate) fn put(
        &self,
        asked: &Asked<'_>,
        half: &Caller,
    ) -> Result<(Request, Entities, &PolicySet), String> {
        let (resource, entities) = self.resource(asked.class)?;
        let others = half.entities().chain([&asked.tool.entity]).cloned();
        // Already valid by the schema, piece by piece.
        let slice = entities.clone().add_entities(others, None);
        let context = context(asked.principal, asked.tool, &asked.args)?;
        let request = request(half, asked.tool, resource, context)?;
        let class = self.tools.classes.get(asked.tool.class);
        let policies = &class.ok_or("a tool without a class")?.policies;
        Ok((request, slice.map_err(|error| error.to_string())?, policies))
    }

    fn resource(&self, class: usize) -> Result<(&EntityUid, &Entities), String> {
        if class == FLEET {
            return Ok((&self.fleet_uid, &self.fleet));
        }
        let class = self
            .instances
            .classes
            .get(class)
            .ok_or("an instance without a class")?;
        Ok((&class.uid, &class.entities))
    }

    /// What the caller may call and see with default arguments, worked out once.
    pub(crate) fn lists<'a>(&self, principal: &Principal, view: &'a View) -> &'a Lists {
        view.lists.get_or_init(|| {
            lists::work_out(self, principal, view).unwrap_or_else(|error| {
                tracing::error!(error, "nothing can be listed");
                Lists::default()
            })
        })
    }
}
