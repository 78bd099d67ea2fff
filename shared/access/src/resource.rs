//! What is called on: an instance of the inventory, or the fleet as a whole.

use std::collections::BTreeMap;

/// An instance, as the inventory describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resource {
    /// Its name, unique in the inventory.
    pub instance: String,
    /// The replication cluster it belongs to.
    pub cluster: String,
    /// Where it runs.
    pub region: String,
    /// The regulatory domain its data may not leave.
    pub regulatory_domain: String,
    /// `production`, `staging`, ...
    pub environment: String,
    /// The team that owns it.
    pub owner_team: String,
    /// `aws`, `azure`, `gcp`, `on-prem`.
    pub cloud: String,
    /// `mysql`, `mariadb`.
    pub engine: String,
    /// Free labels.
    pub tags: BTreeMap<String, String>,
}

/// The resource a call names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceRef<'a> {
    /// The instance of this name, which may not exist.
    Instance(&'a str),
    /// The fleet as a whole.
    Fleet,
}
