//! A probe: one compiled-in read of a database, with a statement per flavour and version floor.

use std::time::Duration;

use crate::{Flavour, Server, Version};

/// One read of a database. Its text is compiled in; values reach it as bound parameters only.
///
/// A probe is identified by its name: snapshots store its rows under it, so a name is never reused
/// for other columns.
#[derive(Debug)]
pub struct Probe {
    /// Unique name, `snake_case`, after the table or statement it reads (`innodb_trx`).
    pub name: &'static str,
    /// The statements that serve it; the first whose flavour matches and whose floor is not above
    /// the server's version is used.
    pub statements: &'static [Statement],
    /// Rows kept at most. A statement carries a `LIMIT` of its own as well, one higher, so that a
    /// cut can be told from an exact fit.
    pub row_limit: u32,
    /// How long the server may work on it: enforced there (`max_execution_time`,
    /// `max_statement_time`) and by a read time-out here.
    pub timeout: Duration,
    /// What the account and the server must offer.
    pub needs: Needs,
}

/// The text of a probe on one flavour from one version on.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// The flavour this text is for.
    pub flavour: Flavour,
    /// The first version it works on.
    pub since: Version,
    /// One statement without a terminator, from a `.sql` file.
    pub sql: &'static str,
}

impl Statement {
    /// A statement for MySQL from `major.minor.patch` on.
    pub const fn mysql(major: u16, minor: u16, patch: u16, sql: &'static str) -> Self {
        Self {
            flavour: Flavour::MySql,
            since: Version {
                major,
                minor,
                patch,
            },
            sql,
        }
    }

    /// A statement for MariaDB from `major.minor.patch` on.
    pub const fn mariadb(major: u16, minor: u16, patch: u16, sql: &'static str) -> Self {
        Self {
            flavour: Flavour::MariaDb,
            since: Version {
                major,
                minor,
                patch,
            },
            sql,
        }
    }
}

/// What a probe needs of the account and of the server.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    /// Grants in the words of `GRANT ... TO`: `PROCESS ON *.*`, `SELECT ON performance_schema.*`.
    pub grants: &'static [&'static str],
    /// Whether it reads `performance_schema` and is empty, which must not be taken for healthy,
    /// when that is off.
    pub performance_schema: bool,
    /// What to do where the server does not offer it, for the coverage entry.
    pub remedy: &'static str,
}

impl Needs {
    /// Needs no grant beyond `USAGE`.
    pub const NOTHING: Self = Self {
        grants: &[],
        performance_schema: false,
        remedy: "",
    };
}

impl Probe {
    /// Whether values are bound to it: a text holds no `?` for anything else.
    pub fn takes_values(&self) -> bool {
        self.statements.iter().any(|s| s.sql.contains('?'))
    }

    /// The statement that serves `server`, or `None` where this flavour or version has none.
    pub fn statement_for(&self, server: &Server) -> Option<&'static Statement> {
        self.statements
            .iter()
            .find(|s| s.flavour == server.flavour && s.since <= server.version)
    }
}
