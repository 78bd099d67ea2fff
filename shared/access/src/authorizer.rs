//! The one door to decisions.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use serde_json::{Map, Value};

use crate::loaded::Loaded;
use crate::{Action, Decision, PolicyError, PolicyFolder, Principal, Resource, ResourceRef};

/// Decides who may call what on which instance. Cheap to ask from many threads.
pub struct Authorizer {
    actions: Vec<Action>,
    inputs: Mutex<Inputs>,
    loaded: ArcSwap<Loaded>,
}

/// What the current set was built from.
struct Inputs {
    folder: PolicyFolder,
    inventory: Vec<Resource>,
}

impl Authorizer {
    /// Reads and checks a policy folder for this table of tools and this inventory.
    ///
    /// # Errors
    /// When anything is missing or invalid; nothing is decided then. The message names file and line.
    pub fn load(
        dir: &Path,
        actions: &[Action],
        inventory: &[Resource],
    ) -> Result<Self, PolicyError> {
        Self::new(PolicyFolder::read(dir)?, actions, inventory)
    }

    /// As [`Self::load`], over a folder already read or written as text.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn new(
        folder: PolicyFolder,
        actions: &[Action],
        inventory: &[Resource],
    ) -> Result<Self, PolicyError> {
        let loaded = Loaded::build(&folder, actions, inventory, 1)?;
        Ok(Self {
            actions: actions.to_vec(),
            loaded: ArcSwap::from_pointee(loaded),
            inputs: Mutex::new(Inputs {
                folder,
                inventory: inventory.to_vec(),
            }),
        })
    }

    /// Puts other policies in place and returns the new generation.
    ///
    /// # Errors
    /// When they are invalid; the old ones stay in force.
    pub fn reload_policies(&self, folder: PolicyFolder) -> Result<u64, PolicyError> {
        let mut inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.swap(&folder, &inputs.inventory)?;
        inputs.folder = folder;
        Ok(generation)
    }

    /// Puts another inventory in place and returns the new generation.
    ///
    /// # Errors
    /// When it is invalid; the old one stays in force.
    pub fn reload_inventory(&self, inventory: &[Resource]) -> Result<u64, PolicyError> {
        let mut inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.swap(&inputs.folder, inventory)?;
        inputs.inventory = inventory.to_vec();
        Ok(generation)
    }

    /// Callers hold the lock on the inputs, so generations follow each other.
    fn swap(&self, folder: &PolicyFolder, inventory: &[Resource]) -> Result<u64, PolicyError> {
        let generation = self.generation() + 1;
        let loaded = Loaded::build(folder, &self.actions, inventory, generation)?;
        self.loaded.store(Arc::new(loaded));
        Ok(generation)
    }

    /// How many sets have been in force, this one included.
    pub fn generation(&self) -> u64 {
        self.loaded.load().generation
    }

    /// Whether this caller may make this call. Denies by default; an agent needs its own grant and
    /// its user's. `arguments` are the call's; those policies do not know are not looked at.
    pub fn authorize(
        &self,
        principal: &Principal,
        action: &str,
        resource: ResourceRef<'_>,
        arguments: &Map<String, Value>,
    ) -> Arc<Decision> {
        self.loaded
            .load()
            .decide(principal, action, resource, arguments)
    }

    /// The tools the caller may call, with default arguments, on at least one resource; in the order
    /// of the table.
    pub fn callable(&self, principal: &Principal) -> Vec<String> {
        let loaded = self.loaded.load();
        let Ok(view) = loaded.view(principal) else {
            return Vec::new();
        };
        let lists = loaded.lists(principal, &view);
        let tools = loaded.tools.table.iter();
        tools
            .filter(|tool| lists.callable(tool.class))
            .map(|tool| tool.spec.name.clone())
            .collect()
    }

    /// Whether the caller may call this tool, with default arguments, on at least one resource: what
    /// [`Self::callable`] lists, asked of one tool.
    pub fn is_callable(&self, principal: &Principal, action: &str) -> bool {
        let loaded = self.loaded.load();
        let Ok(view) = loaded.view(principal) else {
            return false;
        };
        let lists = loaded.lists(principal, &view);
        let found = loaded.tools.find(action);
        found.is_some_and(|(_, tool)| lists.callable(tool.class))
    }

    /// The instances on which the caller may call at least one tool with default arguments; by name.
    pub fn visible_instances(&self, principal: &Principal) -> Vec<Arc<str>> {
        let loaded = self.loaded.load();
        let Ok(view) = loaded.view(principal) else {
            return Vec::new();
        };
        let lists = loaded.lists(principal, &view);
        let names = loaded.instances.names.iter();
        names
            .filter(|(_, class)| lists.visible(*class))
            .map(|(name, _)| Arc::clone(name))
            .collect()
    }

    pub(crate) fn actions(&self) -> &[Action] {
        &self.actions
    }

    pub(crate) fn loaded(&self) -> Arc<Loaded> {
        self.loaded.load_full()
    }
}

impl std::fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorizer")
            .field("generation", &self.generation())
            .finish_non_exhaustive()
    }
}
