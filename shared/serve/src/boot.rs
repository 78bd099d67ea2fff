//! From a configuration to a running server. Nothing starts without policies, an inventory and an audit log that can be written.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use storex_access::audit::{AuditError, AuditLog, Options, Sync};
use storex_access::{
    Action, ArgKind, ArgSpec, Authorizer, Fingerprint, PolicyError, PolicyFolder, Principal,
    Resource,
};
use storex_fleet::{Fleet, Inventory, InventoryError};
use storex_sources::wall_clock;
use storex_tool::{Domain, Effect, Row, Target};

use crate::config::{AuditConfig, Config, IdentityConfig, SyncRule};
use crate::mounts::Mounts;
use crate::runtime::{Runtime, Tools};
use crate::server::Server;

/// Why nothing starts.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The inventory cannot be used.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// The policies cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The audit log cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A domain that is not part of this program.
    #[error("there is no domain `{name}` in this program; it has {known}")]
    Domain {
        /// The name given.
        name: String,
        /// Those there are.
        known: String,
    },
}

/// A server and the files it was made from.
pub struct Boot {
    /// The server.
    pub server: Arc<Server>,
    pub(crate) fleet: Fleet,
    pub(crate) policies: PathBuf,
    /// What the policies were at the last look, and when they were last taken or refused; nothing
    /// while they cannot be read.
    pub(crate) seen: Option<Fingerprint>,
    pub(crate) judged: Option<Fingerprint>,
    /// The inventory was refused by the policies: it is offered again when those change.
    pub(crate) refused: bool,
}

/// Makes a server of `domains` as `config` says.
///
/// # Errors
/// When a file it needs cannot be used: fail closed, never start half.
pub fn boot(
    config: &Config,
    name: &'static str,
    domains: &[&'static Domain],
) -> Result<Boot, BootError> {
    let domains = mounted(config, domains)?;
    let fleet = Fleet::load(&config.inventory)?;
    let inventory = fleet.inventory();
    let mounts = Mounts::open(&inventory, &Mounts::default());
    let policies = PolicyFolder::read(&config.policies)?;
    let seen = Some(policies.fingerprint());
    let access = Authorizer::new(policies, &actions(&domains), &resources(&inventory))?;
    let audit = open_audit(&config.audit)?;
    let runtime = Runtime::new(
        Tools::of(&domains),
        mounts,
        access,
        audit,
        local(&config.identity),
    );
    let server = Server::new(Arc::new(runtime), &config.limits, &domains, name);
    Ok(Boot {
        server: Arc::new(server),
        fleet,
        policies: config.policies.clone(),
        seen,
        judged: seen,
        refused: false,
    })
}

/// The domains the configuration asks for: all of them unless it names some.
fn mounted(
    config: &Config,
    domains: &[&'static Domain],
) -> Result<Vec<&'static Domain>, BootError> {
    let Some(wanted) = &config.domains else {
        return Ok(domains.to_vec());
    };
    wanted
        .iter()
        .map(|name| {
            domains
                .iter()
                .copied()
                .find(|domain| domain.name == name)
                .ok_or_else(|| BootError::Domain {
                    name: name.clone(),
                    known: domains
                        .iter()
                        .map(|domain| domain.name)
                        .collect::<Vec<_>>()
                        .join(", "),
                })
        })
        .collect()
}

/// The person a local process works for.
fn local(identity: &IdentityConfig) -> Principal {
    match &identity.agent {
        Some(agent) => Principal::agent(agent, &identity.user, identity.teams.clone()),
        None => Principal::user(&identity.user, identity.teams.clone()),
    }
}

/// Opens the log. Several processes may share a configuration, as when two clients at one desk each
/// start their own storex: each has a log of its own, in the first folder nobody writes to.
fn open_audit(config: &AuditConfig) -> Result<AuditLog, AuditError> {
    let sync = match config.sync {
        SyncRule::Every => Sync::Every,
        SyncRule::Os => Sync::Os,
        SyncRule::Group => Sync::Group {
            max_delay: Duration::from_millis(config.group_delay_ms),
            max_records: config.group_records,
        },
    };
    let options = Options {
        sync,
        rotate_bytes: config.rotate_bytes,
        ..Options::new(wall_clock)
    };
    let open = |folder: &PathBuf| AuditLog::open(folder, options.clone());
    let mut folders = audit_folders(&config.folder);
    let first = folders
        .next()
        .map_or_else(|| open(&config.folder), |folder| open(&folder));
    folders.fold(first, |opened, folder| match opened {
        Err(AuditError::Locked(_)) => open(&folder),
        opened => opened,
    })
}

/// Where the logs of processes that share a configuration are: `audit`, `audit.2`, `audit.3`, ...
pub fn audit_folders(first: &Path) -> impl Iterator<Item = PathBuf> {
    const PROCESSES: usize = 16;
    let first = first.to_owned();
    (1..=PROCESSES).map(move |process| match process {
        1 => first.clone(),
        _ => first.with_extension(process.to_string()),
    })
}

/// What policy calls the tools of these domains: one action each, with the arguments a policy may
/// look at.
pub fn actions(domains: &[&'static Domain]) -> Vec<Action> {
    let of = |domain: &'static Domain| domain.tools.iter().map(move |row| action(domain, row));
    domains.iter().copied().flat_map(of).collect()
}

fn action(domain: &Domain, row: &Row) -> Action {
    let spec = row.spec;
    let schema = row.definition().input_schema;
    let properties = schema.get("properties").and_then(Value::as_object);
    let args = properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| {
            if spec.sensitive_arguments.contains(&name.as_str()) {
                return Some(ArgSpec::sensitive(name));
            }
            let kind = match property.get("type").and_then(Value::as_str) {
                Some("boolean") => ArgKind::Bool,
                Some("integer") => ArgKind::Long,
                Some("string") => ArgKind::String,
                // An enumeration of names has lost its type on the way to a small schema.
                None if property.get("enum").is_some() => ArgKind::String,
                _ => return None,
            };
            Some(ArgSpec::new(name, kind))
        });
    Action {
        name: spec.name.to_owned(),
        effect: match spec.effect {
            Effect::Read => storex_access::Effect::Read,
            Effect::Sensitive => storex_access::Effect::Sensitive,
            Effect::Mutate => storex_access::Effect::Mutate,
        },
        domain: domain.name.to_owned(),
        target: match spec.target {
            Target::Instance | Target::InstanceAnd(_) => storex_access::Target::Instance,
            Target::Fleet => storex_access::Target::Fleet,
        },
        args: args.filter(|arg| arg.name != "instance").collect(),
    }
}

pub(crate) fn resources(inventory: &Inventory) -> Vec<Resource> {
    let of = |entry: &Arc<storex_fleet::Instance>| Resource {
        instance: entry.name.clone(),
        cluster: entry.cluster.clone(),
        region: entry.region.clone(),
        regulatory_domain: entry.regulatory_domain.clone(),
        environment: entry.environment.clone(),
        owner_team: entry.owner_team.clone(),
        cloud: entry.cloud.clone(),
        engine: entry.engine.clone(),
        tags: entry.tags.clone(),
    };
    inventory.instances().map(of).collect()
}

/// Reads a configuration and makes a server of it.
///
/// # Errors
/// When the configuration or a file it names cannot be used.
pub fn boot_file(
    path: &Path,
    name: &'static str,
    domains: &[&'static Domain],
) -> anyhow::Result<(Config, Boot)> {
    let config = Config::load(path)?;
    let boot = boot(&config, name, domains)?;
    Ok((config, boot))
}
