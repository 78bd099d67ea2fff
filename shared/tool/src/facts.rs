//! What a tool may know of an instance.

use std::collections::BTreeMap;

use serde::Serialize;

/// What an instance is, as far as a tool may know: no address, no credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceFacts {
    /// Its name in the inventory.
    pub name: String,
    /// The replication cluster it belongs to.
    pub cluster: String,
    /// Where it runs.
    pub region: String,
    /// The regulatory domain its data may not leave.
    pub regulatory_domain: String,
    /// `production`, `staging`, ...
    pub environment: String,
    /// `aws`, `azure`, `gcp`, `on-prem`.
    pub cloud: String,
    /// The team that owns it.
    pub owner_team: String,
    /// Whom to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_call: Option<String>,
    /// Free labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// `live` or `snapshot`.
    pub source: &'static str,
}
