//! The inventory file as TOML spells it, before it is checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use crate::Tls;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InventoryFile {
    #[serde(default)]
    pub(crate) defaults: Defaults,
    #[serde(default)]
    pub(crate) team: Vec<Team>,
    #[serde(default)]
    pub(crate) instance: Vec<Spanned<Entry>>,
}

/// `[defaults]`: what an entry that says nothing gets.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Defaults {
    pub(crate) region: Option<String>,
    pub(crate) regulatory_domain: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) cloud: Option<String>,
    pub(crate) owner_team: Option<String>,
    pub(crate) on_call: Option<String>,
}

/// `[[team]]`: whom to call for all instances of a team.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Team {
    pub(crate) name: String,
    pub(crate) on_call: Option<String>,
}

/// `[[instance]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) name: Spanned<String>,
    pub(crate) cluster: Option<String>,
    pub(crate) region: Option<Spanned<String>>,
    pub(crate) regulatory_domain: Option<Spanned<String>>,
    pub(crate) environment: Option<Spanned<String>>,
    pub(crate) cloud: Option<Spanned<String>>,
    pub(crate) owner_team: Option<Spanned<String>>,
    pub(crate) on_call: Option<String>,
    pub(crate) engine: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) mysql: Option<Spanned<MySql>>,
    pub(crate) snapshot: Option<Spanned<PathBuf>>,
}

/// `[instance.mysql]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MySql {
    pub(crate) address: Option<Spanned<String>>,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) admin_port: Option<u16>,
    pub(crate) user: String,
    pub(crate) password: Option<Spanned<Password>>,
    #[serde(default)]
    pub(crate) tls: Option<Spanned<Tls>>,
    pub(crate) tls_off_reason: Option<String>,
    pub(crate) tls_ca: Option<PathBuf>,
    pub(crate) max_connections: Option<Spanned<usize>>,
}

/// `password = { env = ".." }`, `{ file = ".." }` or the text itself.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Password {
    Env(EnvReference),
    File(FileReference),
    Inline(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvReference {
    pub(crate) env: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileReference {
    pub(crate) file: PathBuf,
}
