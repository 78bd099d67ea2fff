//! The knowledge: which settings matter, what kind of value each has, its default on every flavour
//! and version, and why it matters. One file per area. Pure.

mod binlog;
mod buffer_pool;
mod connections;
mod durability;
mod locking;
mod memory;
mod observability;
mod optimizer;
mod redo;
mod replication;
mod safety;
mod tables;

use storex_sources::{Flavour, Server};

use super::kind::Kind;

/// What a setting belongs to, in the order in which areas are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// What survives a crash.
    Durability,
    /// The redo log, flushing, purge.
    Redo,
    /// The buffer pool and InnoDB's threads.
    BufferPool,
    /// The binary log.
    Binlog,
    /// Applying another server's changes.
    Replication,
    /// Locks, isolation, time-outs of locks.
    Locking,
    /// How plans are chosen.
    Optimizer,
    /// Who may connect, how many, for how long.
    Connections,
    /// Buffers of sessions and temporary tables.
    Memory,
    /// Caches of tables and files.
    Tables,
    /// What is checked and who may write.
    Safety,
    /// What the server records about itself.
    Observability,
}

impl Area {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Durability => "durability",
            Self::Redo => "redo",
            Self::BufferPool => "buffer_pool",
            Self::Binlog => "binlog",
            Self::Replication => "replication",
            Self::Locking => "locking",
            Self::Optimizer => "optimizer",
            Self::Connections => "connections",
            Self::Memory => "memory",
            Self::Tables => "tables",
            Self::Safety => "safety",
            Self::Observability => "observability",
        }
    }
}

/// The value a server starts with when nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// This one.
    Is(&'static str),
    /// Computed from the machine or from other settings.
    Computed,
}

/// A default from one version of one flavour on.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    flavour: Flavour,
    version: (u16, u16),
    standard: Standard,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its present name.
    pub name: &'static str,
    /// Former names, and the other flavour's.
    pub other_names: &'static [&'static str],
    /// What kind of value it has.
    pub kind: Kind,
    /// Why it matters, in half a sentence.
    pub why: &'static str,
    /// Whether it stands before the others of its area in a comparison.
    pub first: bool,
    defaults: &'static [Since],
    pages: Pages,
}

/// Where the manuals describe it: MySQL's page and MariaDB's.
#[derive(Debug, Clone, Copy)]
struct Pages(&'static str, &'static str);

const INNODB: Pages = Pages("innodb-parameters", "innodb-system-variables");
const SERVER: Pages = Pages("server-system-variables", "server-system-variables");
const BINLOG: Pages = Pages(
    "replication-options-binary-log",
    "replication-and-binary-log-system-variables",
);
const REPLICA: Pages = Pages(
    "replication-options-replica",
    "replication-and-binary-log-system-variables",
);
const GTID: Pages = Pages("replication-options-gtids", "gtid");
const SCHEMA: Pages = Pages(
    "performance-schema-system-variables",
    "performance-schema-system-variables",
);

impl Setting {
    const fn new(
        name: &'static str,
        kind: Kind,
        pages: Pages,
        why: &'static str,
        defaults: &'static [Since],
    ) -> Self {
        Self {
            name,
            other_names: &[],
            kind,
            why,
            first: false,
            defaults,
            pages,
        }
    }

    const fn also(mut self, names: &'static [&'static str]) -> Self {
        self.other_names = names;
        self
    }

    const fn first(mut self) -> Self {
        self.first = true;
        self
    }

    /// Its default on this server, where it has the setting at all.
    pub fn standard(&self, server: &Server) -> Option<Standard> {
        let version = (server.version.major, server.version.minor);
        self.defaults
            .iter()
            .filter(|since| since.flavour == server.flavour && since.version <= version)
            .max_by_key(|since| since.version)
            .map(|since| since.standard)
    }

    /// Its default as text, unless it is computed.
    pub fn default_on(&self, server: &Server) -> Option<&'static str> {
        match self.standard(server)? {
            Standard::Is(value) => Some(value),
            Standard::Computed => None,
        }
    }

    /// The manual's page about it.
    pub fn manual(&self, server: &Server) -> String {
        match server.flavour {
            Flavour::MySql => format!(
                "https://dev.mysql.com/doc/refman/{}.{}/en/{}.html#sysvar_{}",
                server.version.major, server.version.minor, self.pages.0, self.name
            ),
            Flavour::MariaDb => {
                format!("https://mariadb.com/kb/en/{}/#{}", self.pages.1, self.name)
            }
        }
    }
}

const fn my(major: u16, minor: u16, value: &'static str) -> Since {
    Since {
        flavour: Flavour::MySql,
        version: (major, minor),
        standard: Standard::Is(value),
    }
}

const fn ma(major: u16, minor: u16, value: &'static str) -> Since {
    Since {
        flavour: Flavour::MariaDb,
        version: (major, minor),
        standard: Standard::Is(value),
    }
}

/// Computed from this version of MySQL on.
const fn my_computed(major: u16, minor: u16) -> Since {
    Since {
        flavour: Flavour::MySql,
        version: (major, minor),
        standard: Standard::Computed,
    }
}

/// Computed from this version of MariaDB on.
const fn ma_computed(major: u16, minor: u16) -> Since {
    Since {
        flavour: Flavour::MariaDb,
        version: (major, minor),
        standard: Standard::Computed,
    }
}

/// Every area with its settings.
pub static AREAS: [(Area, &[Setting]); 12] = [
    (Area::Durability, durability::SETTINGS),
    (Area::Redo, redo::SETTINGS),
    (Area::BufferPool, buffer_pool::SETTINGS),
    (Area::Binlog, binlog::SETTINGS),
    (Area::Replication, replication::SETTINGS),
    (Area::Locking, locking::SETTINGS),
    (Area::Optimizer, optimizer::SETTINGS),
    (Area::Connections, connections::SETTINGS),
    (Area::Memory, memory::SETTINGS),
    (Area::Tables, tables::SETTINGS),
    (Area::Safety, safety::SETTINGS),
    (Area::Observability, observability::SETTINGS),
];

/// The setting of a name, present or former, with its area.
pub fn find(name: &str) -> Option<(Area, &'static Setting)> {
    all().find(|(_, setting)| setting.name == name || setting.other_names.contains(&name))
}

/// Every setting with its area.
pub fn all() -> impl Iterator<Item = (Area, &'static Setting)> {
    AREAS
        .iter()
        .flat_map(|(area, settings)| settings.iter().map(move |setting| (*area, setting)))
}

#[cfg(test)]
mod tests;
