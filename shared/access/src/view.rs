//! What one caller is, and what it may call and see: worked out once per caller and policy set.

use std::sync::OnceLock;

use cedar_policy::Entity;

/// One caller.
pub(crate) struct View {
    /// Unique among the views of a policy set.
    pub(crate) id: u64,
    /// The requests that must all be allowed: the user's; for an agent, also its own, first.
    pub(crate) halves: Vec<Caller>,
    pub(crate) lists: OnceLock<Lists>,
}

/// One principal of a request, and the entities its attributes refer to.
pub(crate) struct Caller {
    pub(crate) entity: Entity,
    pub(crate) referred: Option<Entity>,
}

/// What may be called, and seen, with default arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lists {
    /// By class of tools: whether it may be called on at least one resource.
    pub(crate) callable: Vec<bool>,
    /// By class of instances: whether some tool may be called on it.
    pub(crate) visible: Vec<bool>,
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
