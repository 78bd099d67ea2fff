//! What kind of server answers: flavour, vendor and version.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The two families whose diagnostic tables differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    /// MySQL and what is built from it (Percona Server, Aurora, RDS, Azure, Cloud SQL).
    MySql,
    /// MariaDB and what is built from it.
    MariaDb,
}

/// Who built or runs the server, as far as it can be told from `@@version_comment` and variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// MySQL as Oracle or a distribution builds it.
    Community,
    /// Percona Server for MySQL.
    Percona,
    /// MariaDB as its foundation or a distribution builds it.
    MariaDb,
    /// Amazon Aurora MySQL (`@@aurora_version` exists).
    Aurora,
    /// Amazon RDS (`@@basedir` below `/rdsdbbin`).
    Rds,
    /// Azure Database for MySQL Flexible Server.
    Azure,
    /// Google Cloud SQL for MySQL.
    CloudSql,
}

/// A server version; ordered as versions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// 8 in 8.0.36.
    pub major: u16,
    /// 0 in 8.0.36.
    pub minor: u16,
    /// 36 in 8.0.36.
    pub patch: u16,
}

impl Version {
    /// Reads the leading `major.minor.patch` of `@@version` (`10.11.6-MariaDB-log`, and the
    /// `5.5.5-` that MariaDB's handshake puts before it).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("5.5.5-").unwrap_or(text);
        let mut parts = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
        let mut next = || parts.next()?.ok();
        Some(Self {
            major: next()?,
            minor: next()?,
            patch: next().unwrap_or(0),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The server behind a source, as read when the connection was made (or when it was recorded).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The family.
    pub flavour: Flavour,
    /// Who built or runs it.
    pub vendor: Vendor,
    /// `@@version`, its numbers.
    pub version: Version,
    /// Whether `@@performance_schema` is on.
    pub performance_schema: bool,
    /// `@@read_only`: a replica or a server set so.
    pub read_only: bool,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.vendor {
            Vendor::Community => "MySQL",
            Vendor::Percona => "Percona Server",
            Vendor::MariaDb => "MariaDB",
            Vendor::Aurora => "Aurora MySQL",
            Vendor::Rds => "RDS MySQL",
            Vendor::Azure => "Azure MySQL",
            Vendor::CloudSql => "Cloud SQL MySQL",
        };
        write!(f, "{name} {}", self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_every_flavour_are_read() {
        let read = |text| Version::parse(text).map(|v| (v.major, v.minor, v.patch));
        assert_eq!(read("9.7.4-2"), Some((9, 7, 4)));
        assert_eq!(read("8.0.36-28.1-log"), Some((8, 0, 36)));
        assert_eq!(read("10.11.18-MariaDB-0+deb12u1-log"), Some((10, 11, 18)));
        assert_eq!(read("5.5.5-10.6.16-MariaDB"), Some((10, 6, 16)));
        assert_eq!(read("8.4"), Some((8, 4, 0)));
        assert_eq!(read("unknown"), None);
    }
}
