//! What one caller is, and what it may call and see: worked out once per caller and policy set.

use std::sync::OnceLock;

use cedar_policy::Entity;

use crate::lists::Lists;

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

impl Caller {
    /// All a policy may look at.
    pub(crate) fn entities(&self) -> impl Iterator<Item = &Entity> {
        std::iter::once(&self.entity).chain(&self.referred)
    }
}
