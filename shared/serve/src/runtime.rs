//! What every call shares: the tables of tools, the mounted instances, policy and audit.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use storex_access::audit::AuditLog;
use storex_access::{Authorizer, Principal, Transport};
use storex_tool::{Definition, Domain, InstanceFacts, Row, Runbook};

use crate::mounts::{Mount, Mounts};

/// What every call shares.
pub struct Runtime {
    /// Policy.
    pub access: Authorizer,
    /// The audit log.
    pub audit: AuditLog,
    /// Who calls over stdio and from the command line.
    pub local: Arc<Principal>,
    /// The same person, over HTTP with the bearer token.
    pub(crate) local_over_http: Arc<Principal>,
    mounts: ArcSwap<Mounts>,
    tools: Tools,
}

/// The tables of all domains as one.
pub struct Tools {
    rows: Vec<(&'static Row, Arc<Definition>)>,
    by_name: HashMap<&'static str, usize>,
    runbooks: Vec<Runbook>,
}

impl Tools {
    /// The tools of these domains, in their order.
    pub fn of(domains: &[&'static Domain]) -> Self {
        let mut tools = Self {
            rows: Vec::new(),
            by_name: HashMap::new(),
            runbooks: Vec::new(),
        };
        for domain in domains {
            for row in domain.tools {
                let spec = row.spec;
                let names = std::iter::once(&spec.name).chain(spec.aliases);
                tools
                    .by_name
                    .extend(names.map(|name| (*name, tools.rows.len())));
                tools.rows.push((row, Arc::new(row.definition())));
                tools.runbooks.push(Runbook {
                    name: spec.name,
                    title: spec.title,
                    text: spec.runbook,
                });
            }
            tools.runbooks.extend(domain.runbooks);
        }
        tools
    }

    /// The row of a tool, by its name or a former one.
    pub fn row(&self, name: &str) -> Option<&'static Row> {
        let (row, _) = self.rows.get(*self.by_name.get(name)?)?;
        Some(row)
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.rows.iter().map(|(row, _)| *row)
    }

    /// The pages of all tools and symptoms.
    pub fn runbooks(&self) -> &[Runbook] {
        &self.runbooks
    }
}

impl Runtime {
    /// A runtime over these parts.
    pub fn new(
        tools: Tools,
        mounts: Mounts,
        access: Authorizer,
        audit: AuditLog,
        local: Principal,
    ) -> Self {
        Self {
            access,
            audit,
            local_over_http: Arc::new(local.clone().through(Transport::Http)),
            local: Arc::new(local.through(Transport::Stdio)),
            mounts: ArcSwap::from_pointee(mounts),
            tools,
        }
    }

    /// The instances as they are now.
    pub fn mounts(&self) -> Arc<Mounts> {
        self.mounts.load_full()
    }

    /// Swaps the instances whole; calls that run keep theirs.
    pub fn remount(&self, mounts: Mounts) {
        self.mounts.store(Arc::new(mounts));
    }

    /// The tables of tools.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// The row of a tool this principal may call somewhere.
    pub(crate) fn callable_row(&self, principal: &Principal, name: &str) -> Option<&'static Row> {
        let row = self.tools.row(name)?;
        self.access
            .is_callable(principal, row.spec.name)
            .then_some(row)
    }

    /// The tools this principal may call on at least one resource, in the tables' order.
    pub(crate) fn listed(&self, principal: &Principal) -> Vec<Arc<Definition>> {
        let callable = self.access.callable(principal);
        let listed = self
            .tools
            .rows
            .iter()
            .filter(|(row, _)| callable.iter().any(|name| name == row.spec.name));
        listed
            .map(|(_, definition)| Arc::clone(definition))
            .collect()
    }

    /// The instances this principal may call at least one tool on.
    pub(crate) fn visible(&self, principal: &Principal) -> Vec<Arc<InstanceFacts>> {
        let visible = self.access.visible_instances(principal);
        let mounts = self.mounts();
        visible
            .iter()
            .filter_map(|name| mounts.get(name))
            .map(|m: Arc<Mount>| Arc::clone(&m.facts))
            .collect()
    }
}
