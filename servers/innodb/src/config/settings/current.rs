//! One setting as it is: its value, its default, where it came from, what a restart makes of it.

use crate::config::catalog::{Area, Setting};
use crate::config::kind::Kind;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in, or computed by the server.
    Default,
    /// An option file.
    File,
    /// The provider's parameters.
    ParameterGroup,
    /// The command line or the environment.
    CommandLine,
    /// `SET PERSIST`, read at the start.
    Persisted,
    /// `SET` while the server ran.
    Runtime,
    /// The server did not tell.
    Unknown,
}

impl Origin {
    /// Its name in answers; none where the server did not tell.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Default => Some("default"),
            Self::File => Some("file"),
            Self::ParameterGroup => Some("parameter_group"),
            Self::CommandLine => Some("command_line"),
            Self::Persisted => Some("persisted"),
            Self::Runtime => Some("runtime"),
            Self::Unknown => None,
        }
    }
}

/// The last time a setting was set, by anybody, as MySQL records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSet {
    /// When, in UTC.
    pub at: String,
    /// By whom.
    pub user: Option<String>,
    /// From where.
    pub host: Option<String>,
}

/// One setting as it is.
#[derive(Debug, Clone)]
pub struct Current {
    /// Its name on this server.
    pub name: String,
    /// What is known of it.
    pub known: Option<(Area, &'static Setting)>,
    /// Its value.
    pub value: String,
    /// Its default here, where there is a fixed one and it is known.
    pub default: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
    /// The file, for values from one.
    pub path: Option<String>,
    /// The value a restart will take from `SET PERSIST`.
    pub persisted: Option<String>,
    /// The last time it was set.
    pub last_set: Option<LastSet>,
}

/// What a restart will make of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterRestart {
    /// The value that was persisted.
    Persisted(String),
    /// What the option file says, or the default.
    FileOrDefault,
}

impl Current {
    /// The kind of its value.
    pub fn kind(&self) -> Kind {
        self.known.map_or(Kind::Word, |(_, setting)| setting.kind)
    }

    /// Whether somebody gave it a value that is not the default. MySQL calls a value dynamic as soon
    /// as any session has set its own, so a value set while the server ran counts only where the
    /// default is known to be another.
    pub fn is_changed(&self) -> bool {
        match (&self.default, self.origin) {
            (_, Origin::Default) | (None, Origin::Unknown) => false,
            (None, Origin::Runtime) => self.known.is_some() && !self.has_session_copy(),
            (Some(default), _) => !self.kind().same(&self.value, default),
            (None, _) => true,
        }
    }

    /// Whether a session may set its own copy: of a setting of which it may not, the record is always of
    /// the server's value. MySQL Reference Manual, "Server System Variable Reference", scope of each.
    pub fn has_session_copy(&self) -> bool {
        const OF_SESSIONS_TOO: [&str; 4] = [
            "innodb_lock_wait_timeout",
            "innodb_strict_mode",
            "innodb_table_locks",
            "innodb_tmpdir",
        ];
        const GLOBAL: [&str; 14] = [
            "binlog_expire_logs_seconds",
            "connect_timeout",
            "event_scheduler",
            "general_log",
            "gtid_mode",
            "local_infile",
            "max_connect_errors",
            "max_connections",
            "offline_mode",
            "read_only",
            "super_read_only",
            "sync_binlog",
            "table_open_cache",
            "temptable_max_ram",
        ];
        let name = self.name.as_str();
        if name.starts_with("innodb_") {
            return OF_SESSIONS_TOO.contains(&name);
        }
        !GLOBAL.contains(&name)
    }

    /// What a restart will change about it; `None` where it will stay.
    pub fn after_restart(&self) -> Option<AfterRestart> {
        match &self.persisted {
            Some(persisted) if self.kind().same(persisted, &self.value) => None,
            Some(persisted) => Some(AfterRestart::Persisted(persisted.clone())),
            None if self.origin == Origin::Runtime && self.is_changed() => {
                Some(AfterRestart::FileOrDefault)
            }
            None => None,
        }
    }
}
