//! The servers the kit can start.

use serde::Serialize;

/// A kind and version of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    /// MySQL 9.7.
    Mysql97,
    /// MariaDB 10.11.
    Mariadb1011,
}

impl Flavour {
    /// Every flavour, for tests that run on each.
    pub const ALL: [Self; 2] = [Self::Mysql97, Self::Mariadb1011];

    /// The name used in folders and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mysql97 => "mysql",
            Self::Mariadb1011 => "mariadb",
        }
    }

    /// The name of the server program.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Mysql97 => "mysqld",
            Self::Mariadb1011 => "mariadbd",
        }
    }

    /// The name of the client program.
    pub const fn client(self) -> &'static str {
        match self {
            Self::Mysql97 => "mysql",
            Self::Mariadb1011 => "mariadb",
        }
    }

    /// How the version must begin.
    pub const fn series(self) -> &'static str {
        match self {
            Self::Mysql97 => "9.7.",
            Self::Mariadb1011 => "10.11.",
        }
    }

    /// The environment variable that names a server program to use instead.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Mysql97 => "STOREX_TEST_MYSQLD",
            Self::Mariadb1011 => "STOREX_TEST_MARIADBD",
        }
    }

    /// Whether this is a MariaDB server.
    pub const fn is_mariadb(self) -> bool {
        matches!(self, Self::Mariadb1011)
    }
}
