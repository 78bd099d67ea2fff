//! The configuration file, and its commented reference, which is generated from these very types.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stack::Limits;

/// storex.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The inventory of instances; relative paths are taken from this file's folder.
    pub inventory: PathBuf,
    /// The folder of policies: policies.cedar, entities/ and, where used, templates.
    pub policies: PathBuf,
    /// Which domain servers to mount; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
    /// Who calls over stdio, from the command line, and with the bearer token over HTTP.
    pub identity: IdentityConfig,
    /// The audit log.
    pub audit: AuditConfig,
    /// How much one caller and one instance may have.
    #[serde(default)]
    pub limits: Limits,
    /// HTTP, for `storex serve`.
    #[serde(default)]
    pub http: HttpConfig,
    /// Logs and traces.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
}

/// `[identity]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityConfig {
    /// Your name in policies.
    pub user: String,
    /// Your teams.
    #[serde(default)]
    pub teams: Vec<String>,
    /// The agent acting for you; it may do only what both of you may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// `[audit]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// The folder of the log: JSON lines, append-only, hash-chained. `storex audit verify` checks it.
    pub folder: PathBuf,
    /// When records are forced to the disk: `group` (shared by calls within `group_delay_ms`), `every`
    /// (before each call runs), `os` (left to the operating system).
    #[serde(default)]
    pub sync: SyncRule,
    /// Longest time a record of `group` waits for the disk.
    #[serde(default = "default_group_delay_ms")]
    pub group_delay_ms: u64,
    /// Records of `group` that wait at most.
    #[serde(default = "default_group_records")]
    pub group_records: u64,
    /// Size at which a new file is begun; the chain goes on in it.
    #[serde(default = "default_rotate_bytes")]
    pub rotate_bytes: u64,
}

/// When audit records are forced to the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SyncRule {
    /// In groups, shortly after they are written.
    #[default]
    Group,
    /// Before each call runs.
    Every,
    /// By the operating system.
    Os,
}

/// `[http]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Where to listen: loopback only, as long as there is no OAuth.
    pub listen: SocketAddr,
    /// A file with the bearer token, readable by its owner only; made with a random token when absent.
    pub token_file: PathBuf,
    /// Names a request's Host may carry; anything else is refused (DNS rebinding).
    pub allowed_hosts: Vec<String>,
    /// Web origins that may call; a request without Origin is no browser and passes.
    pub allowed_origins: Vec<String>,
    /// Largest request body.
    pub max_body_bytes: usize,
    /// How long running calls may finish after a stop was asked for.
    pub drain_s: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7433)),
            token_file: PathBuf::from("token"),
            allowed_hosts: vec!["localhost".into(), "127.0.0.1".into(), "[::1]".into()],
            allowed_origins: Vec::new(),
            max_body_bytes: 256 * 1024,
            drain_s: 15,
        }
    }
}

/// `[telemetry]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// What to log to standard error: `error`, `warn`, `info`, `debug`, or per module.
    pub log: String,
    /// `text` or `json`.
    pub format: LogFormat,
    /// Where to send OpenTelemetry traces (OTLP over HTTP), for example <http://127.0.0.1:4318>; nowhere when
    /// absent. Spans carry tool, outcome and duration, never arguments or rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<String>,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            log: "warn".into(),
            format: LogFormat::Text,
            otlp_endpoint: None,
        }
    }
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For log stores.
    Json,
}

fn default_group_delay_ms() -> u64 {
    50
}

fn default_group_records() -> u64 {
    1_000
}

fn default_rotate_bytes() -> u64 {
    64 * 1024 * 1024
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read configuration {path}; `storex init` makes one")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something it must not.
    #[error("configuration {path} is wrong: {message}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where and why.
        message: String,
    },
    /// HTTP would be open to others.
    #[error(
        "http.listen is {0}; without OAuth only loopback is allowed, so write 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
}

impl Config {
    /// Reads a configuration; relative paths become relative to its folder.
    ///
    /// # Errors
    /// When it cannot be read or says something it must not, with line and column.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| ConfigError::Wrong {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        let base = path.parent().unwrap_or(Path::new("."));
        for relative in [
            &mut config.inventory,
            &mut config.policies,
            &mut config.audit.folder,
            &mut config.http.token_file,
        ] {
            *relative = base.join(&*relative);
        }
        if !config.http.listen.ip().is_loopback() {
            return Err(ConfigError::NotLoopback(config.http.listen));
        }
        Ok(config)
    }

    /// A configuration as `storex init` writes it.
    pub fn example() -> Self {
        Self {
            inventory: "inventory.toml".into(),
            policies: "policies".into(),
            domains: None,
            identity: IdentityConfig {
                user: "me".into(),
                teams: vec!["dba".into()],
                agent: None,
            },
            audit: AuditConfig {
                folder: "audit".into(),
                sync: SyncRule::Group,
                group_delay_ms: default_group_delay_ms(),
                group_records: default_group_records(),
                rotate_bytes: default_rotate_bytes(),
            },
            limits: Limits::default(),
            http: HttpConfig::default(),
            telemetry: TelemetryConfig::default(),
        }
    }
}
