//! What kind of server answers, read from its variables.

use std::collections::HashMap;

use storex_sources::{Flavour, Server, Vendor, Version};

/// One statement for every vendor: a variable a server does not have is left out of the answer,
/// where `SELECT @@aurora_version` would be an error.
pub(crate) const VARIABLES: &str = "SHOW VARIABLES WHERE Variable_name IN ('version', \
    'version_comment', 'aurora_version', 'basedir', 'performance_schema', 'read_only', \
    'innodb_read_only', 'hostname', 'port', 'server_uuid', 'server_uid')";

/// What a connection learns about its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) server: Server,
    /// Tells this server from others that answer at the same address (a failover, a load
    /// balancer): `KILL` must not be sent to another one.
    pub(crate) identity: String,
}

/// Reads [`VARIABLES`]' answer. `None` where the version makes no sense.
pub(crate) fn facts(variables: &HashMap<String, String>) -> Option<Facts> {
    let get = |name: &str| variables.get(name).map_or("", String::as_str);
    let on = |name: &str| !matches!(get(name), "" | "OFF" | "0");
    let version = get("version");
    let comment = get("version_comment");
    let flavour = if contains(version, "mariadb") || contains(comment, "mariadb") {
        Flavour::MariaDb
    } else {
        Flavour::MySql
    };
    let vendor = if flavour == Flavour::MariaDb {
        Vendor::MariaDb
    } else if variables.contains_key("aurora_version") {
        Vendor::Aurora
    } else if get("basedir").starts_with("/rdsdbbin") {
        Vendor::Rds
    } else if contains(version, "azure") || contains(comment, "azure") {
        Vendor::Azure
    } else if contains(version, "google") || contains(comment, "google") {
        Vendor::CloudSql
    } else if contains(comment, "percona") {
        Vendor::Percona
    } else {
        Vendor::Community
    };
    let identity = ["server_uuid", "server_uid", "hostname", "port"].map(get);
    Some(Facts {
        server: Server {
            flavour,
            vendor,
            version: Version::parse(version)?,
            performance_schema: on("performance_schema"),
            read_only: on("read_only") || on("innodb_read_only"),
        },
        identity: identity.join("|"),
    })
}

fn contains(text: &str, word: &str) -> bool {
    text.to_ascii_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(pairs: &[(&str, &str)]) -> Server {
        let pairs = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        facts(&pairs.collect()).unwrap().server
    }

    #[test]
    fn vendors_are_told_apart() {
        let vendor = |pairs: &[(&str, &str)]| server(pairs).vendor;
        let oracle = "MySQL Community Server - GPL";
        assert_eq!(
            vendor(&[("version", "9.7.4"), ("version_comment", oracle)]),
            Vendor::Community
        );
        let percona = "Percona Server (GPL), Release 28, Revision 47601f19";
        assert_eq!(
            vendor(&[("version", "8.0.36-28"), ("version_comment", percona)]),
            Vendor::Percona
        );
        assert_eq!(
            vendor(&[
                ("version", "8.0.39"),
                ("aurora_version", "3.08.0"),
                ("basedir", "/rdsdbbin/oscar")
            ]),
            Vendor::Aurora
        );
        assert_eq!(
            vendor(&[
                ("version", "8.4.3"),
                ("basedir", "/rdsdbbin/mysql-8.4.3.R1/")
            ]),
            Vendor::Rds
        );
        assert_eq!(vendor(&[("version", "8.0.40-azure")]), Vendor::Azure);
        assert_eq!(
            vendor(&[
                ("version", "8.0.31-google"),
                ("version_comment", "(Google)")
            ]),
            Vendor::CloudSql
        );
        assert_eq!(
            vendor(&[("version", "10.11.18-MariaDB-0+deb12u1")]),
            Vendor::MariaDb
        );
    }

    #[test]
    fn flavour_version_and_switches_are_read() {
        let server = server(&[
            ("version", "11.8.2"),
            ("version_comment", "mariadb.org binary distribution"),
            ("performance_schema", "OFF"),
            ("read_only", "ON"),
        ]);
        assert_eq!(server.flavour, Flavour::MariaDb);
        assert_eq!(server.to_string(), "MariaDB 11.8.2");
        assert!(!server.performance_schema);
        assert!(server.read_only);
    }

    #[test]
    fn a_version_that_makes_no_sense_is_no_server() {
        assert_eq!(facts(&HashMap::new()), None);
    }
}
