//! resolve: the instance named becomes an entry of the inventory, or stays unresolved. An unknown
//! instance is not refused here: it goes on to be denied like a forbidden one, in the same words.

use std::sync::Arc;

use storex_tool::{Reply, Target, ToolError};
use tower::{Layer, Service};

use super::parse::Typed;
use super::{Answering, Next, always_ready};
use crate::mounts::Mount;
use crate::runtime::Runtime;

/// A call whose resource is known, or known to be unknown.
pub(crate) struct Resolved {
    pub(crate) typed: Typed,
    pub(crate) resource: Resource,
    /// The second instance, where the tool compares two and the caller named one.
    pub(crate) other: Option<Resource>,
}

/// What a call is about.
#[derive(Clone)]
pub(crate) enum Resource {
    /// The fleet as a whole.
    Fleet,
    /// An instance of the inventory.
    Instance(Arc<Mount>),
    /// A name the inventory does not hold.
    Unknown,
}

impl Resource {
    /// The instance, where it is one.
    pub(crate) fn mount(&self) -> Option<&Arc<Mount>> {
        match self {
            Self::Instance(mount) => Some(mount),
            Self::Fleet | Self::Unknown => None,
        }
    }
}

#[derive(Clone)]
pub(crate) struct ResolveLayer {
    runtime: Arc<Runtime>,
}

impl ResolveLayer {
    pub(crate) fn new(runtime: Arc<Runtime>) -> Self {
        Self { runtime }
    }
}

impl<S> Layer<S> for ResolveLayer {
    type Service = Resolve<S>;

    fn layer(&self, next: S) -> Resolve<S> {
        Resolve {
            runtime: Arc::clone(&self.runtime),
            next,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Resolve<S> {
    runtime: Arc<Runtime>,
    next: S,
}

impl<S: Next<Resolved>> Service<Typed> for Resolve<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, typed: Typed) -> Answering {
        let named = |argument: &str| {
            let name = typed.parsed.arguments.get(argument)?.as_str()?;
            let mount = self.runtime.mounts().get(name);
            Some(mount.map_or(Resource::Unknown, Resource::Instance))
        };
        let instance = || named("instance").unwrap_or(Resource::Unknown);
        let (resource, other) = match typed.identified.row.spec.target {
            Target::Fleet => (Resource::Fleet, None),
            Target::Instance => (instance(), None),
            Target::InstanceAnd(second) => (instance(), named(second)),
        };
        self.next.call(Resolved {
            typed,
            resource,
            other,
        })
    }
}
